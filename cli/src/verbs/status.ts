import { setTimeout as sleep } from "node:timers/promises";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { z } from "zod";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

export type StatusInput = { urls: readonly string[]; watch: boolean; output: OutputFormat };

/** What one chat says at /status. */
const statusSchema = z.object({
  ready: z.boolean(),
  turns: z.number(),
  bus: z.string(),
  parts: z.array(z.object({ part: z.string(), state: z.string(), ms: z.number() })),
});

type ChatStatus = { url: string } & (z.output<typeof statusSchema> | { unreachable: string });

const PATIENCE_MS = 3_000;
const EVERY_MS = 2_000;
const VARIABLES = ENVIRONMENT.pick({ FORERUN_URL: true, FORERUN_TOKEN: true });

/** Asks each chat how it and what it needs stand. Exit code 4 when none answers, 1 when something does not serve. */
export async function status(
  { urls, watch, output }: StatusInput,
  { env, terminal, interrupt }: CommandContext,
): Promise<ExitCode> {
  for (;;) {
    const statuses = await askAll(urls, env);
    if (output === "json") terminal.result(JSON.stringify(statuses));
    else for (const line of statuses.flatMap(draw)) terminal.result(line);
    if (!watch || interrupt.aborted) return exitCode(statuses);
    // Interrupted while it waits is an end like any other.
    await sleep(EVERY_MS, undefined, { signal: interrupt }).catch(() => {});
    if (interrupt.aborted) return EXIT.ok;
  }
}

function askAll(urls: readonly string[], env: Environment): Promise<ChatStatus[]> {
  const { FORERUN_URL, FORERUN_TOKEN: token } = readEnv(VARIABLES, env);
  return Promise.all((urls.length > 0 ? urls : [FORERUN_URL]).map((url) => ask(url, token)));
}

async function ask(url: string, token: string | undefined): Promise<ChatStatus> {
  try {
    const response = await fetch(new URL("/status", url), {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) return { url, unreachable: `it answers ${response.status}` };
    return { url, ...statusSchema.parse(await response.json()) };
  } catch (fault) {
    return { url, unreachable: fault instanceof z.ZodError ? "something else answers" : "nothing answers" };
  }
}

function draw(chat: ChatStatus): string[] {
  if ("unreachable" in chat) return [`${chat.url}  ${chat.unreachable}`];
  const turns = `${chat.turns} ${chat.turns === 1 ? "turn" : "turns"} under way`;
  return [
    `${chat.url}  ${chat.ready ? "ready" : "leaving"}, ${turns}, bus ${chat.bus}`,
    ...chat.parts.map(({ part, state, ms }) => `  ${part.padEnd(15)}${state.padEnd(14)}${ms} ms`),
  ];
}

function exitCode(statuses: readonly ChatStatus[]): ExitCode {
  if (statuses.every((chat) => "unreachable" in chat)) return EXIT.unreachable;
  const well = statuses.every(
    (chat) => !("unreachable" in chat) && chat.ready && chat.parts.every(({ state }) => state === "serving"),
  );
  return well ? EXIT.ok : EXIT.badResult;
}

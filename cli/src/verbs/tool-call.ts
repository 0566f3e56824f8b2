import { randomUUID } from "node:crypto";
import { type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { type Reach, reach } from "../reach.ts";
import type { Terminal } from "../terminal.ts";

export type ToolCallInput = { name: string; args: string; output: OutputFormat };

type Ending =
  | { name: string; output: JsonValue; rendered: string }
  | { name: string; error: { code: string; message: string } };

const CALL_MS = 120_000;

/** Runs one tool and prints its output. A tool that fails is a bad result, not a fault. */
export async function toolCall(input: ToolCallInput, context: CommandContext): Promise<ExitCode> {
  const args = parseArguments(input.args);
  await using server = await reach(context);
  const ending = await run(server, input.name, args, context);
  show(ending, input.output, context.terminal);
  return "error" in ending ? EXIT.badResult : EXIT.ok;
}

async function run(
  server: Reach,
  name: string,
  args: JsonObject,
  { terminal }: CommandContext,
): Promise<Ending> {
  const options = { ...server.callerOptions(), timeoutMs: CALL_MS };
  const call = { callId: randomUUID(), name, arguments: args };
  for await (const { event } of server.tools.execute({ call }, options)) {
    switch (event.case) {
      case "progress":
        terminal.progress(`  ${Math.round(event.value.fraction * 100)} %  ${event.value.text}`);
        break;
      case "result": {
        const { output, rendered } = event.value;
        return { name, output: output ? toJson(ValueSchema, output) : null, rendered };
      }
      case "failure":
        return { name, error: { code: event.value.code, message: event.value.message } };
    }
  }
  return { name, error: { code: "failed", message: "the call ended without a result" } };
}

/** The result is JSON in every format, so that scripts need no flag; its words, for people, are said beside it. */
function show(ending: Ending, output: OutputFormat, terminal: Terminal): void {
  terminal.progress("");
  if ("error" in ending) {
    terminal.result(JSON.stringify(ending));
    if (output !== "json") terminal.say(`✕ ${ending.error.code}  ${ending.error.message}`);
    return;
  }
  const { name, rendered } = ending;
  terminal.result(JSON.stringify({ name, output: ending.output }));
  if (output === "json") return;
  if (rendered) terminal.say(`  ${rendered}`);
  terminal.say(terminal.paint.say.dim(`Next  npx forerun tool show ${name}`));
}

function parseArguments(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Worded below, with everything else that is no object.
  }
  throw new ForerunError(
    "FR-E1801",
    "invalid_argument",
    `--args: expected a JSON object, got ${text.length > 60 ? `${text.slice(0, 57)}…` : text}`,
    `for example --args '{"expression":"17% of 2400"}'`,
  );
}

/** JSON.parse gives nothing but JSON, so an object of it is a JsonObject. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import { type Answer, ask, openClient } from "./ask.ts";
import { startEcho } from "./echo.ts";
import { openStand, type Stand } from "./stand.ts";

const LIMIT = 100;
const CROWD = 500;
const OTHERS = 20;
/** A crowd that starts later in its window might not be through before its end. */
const AFTER_BEGIN_MS = 20;
const WINDOWS = {
  quick: { tenant: "acme", seconds: 1 },
  slow: { tenant: "slow", seconds: 60 },
} as const;

type Window = { at: number; answers: Answer[]; others: Answer[]; seconds: number };

/** A crowd of one tenant's requests in each of so many windows of a second, and in one real minute, at three gateways. */
export const limitFault: Fault = {
  title: `${CROWD} requests at once to 3 gateways against a limit of ${LIMIT} a window`,
  async run(times, say) {
    await using echo = await startEcho();
    await using stand = await openStand({
      replicas: 3,
      shared: true,
      upstream: { http: [`127.0.0.1:${echo.http}`], grpc: [`127.0.0.1:${echo.grpc}`] },
      limits: {
        rate: {
          default: { requests: LIMIT, window: "second" },
          tenants: { slow: { requests: LIMIT, window: "minute" } },
        },
      },
    });
    const rows: Record<string, string | number>[] = [];
    const violations: string[] = [];
    for (let at = 0; at < times; at++) {
      const window = await crowd(stand, WINDOWS.quick);
      violations.push(...check(window));
      rows.push(rowOf(window));
      say(JSON.stringify(rows.at(-1)));
    }
    const minute = await crowd(stand, WINDOWS.slow);
    violations.push(...check(minute));
    rows.push(rowOf(minute));
    return { rows, violations };
  },
};

/** Sends all of them just after a window has begun. */
async function crowd(
  { gateways, issuer }: Stand,
  kind: { tenant: string; seconds: number },
): Promise<Window> {
  const [token, other] = [issuer.token(kind.tenant), issuer.token("other")];
  const agent = openClient();
  const urls = gateways.map(({ url }) => url);
  const pick = (number: number) => urls[number % urls.length] ?? "";
  const length = 1_000;
  await sleep(length - (Date.now() % length) + AFTER_BEGIN_MS);
  if (kind.seconds > 1) await untilRoomIn(kind.seconds);
  const began = Date.now();
  const sent = Array.from({ length: CROWD }, (_, number) => ask({ url: pick(number), token, agent }));
  const beside = Array.from({ length: OTHERS }, (_, number) =>
    ask({ url: pick(number), token: other, agent }),
  );
  const [answers, others] = await Promise.all([Promise.all(sent), Promise.all(beside)]);
  agent.destroy();
  return { at: began, answers, others, seconds: kind.seconds };
}

/** A crowd belongs into one window: near the end of one it waits for the next. */
async function untilRoomIn(seconds: number): Promise<void> {
  const left = seconds * 1_000 - (Date.now() % (seconds * 1_000));
  if (left < 5_000) await sleep(left + AFTER_BEGIN_MS);
}

const windowOf = (ms: number, seconds: number) => Math.floor(ms / (seconds * 1_000));

function check({ at, answers, others, seconds }: Window): string[] {
  const ended = at + Math.max(...answers.map(({ ms }) => ms));
  const windows = windowOf(ended, seconds) - windowOf(at, seconds) + 1;
  const admitted = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 429);
  const found: string[] = [];
  // A crowd that a slow machine spreads over the next window may take that one's limit too.
  if (admitted.length > LIMIT * windows)
    found.push(`${admitted.length} were let in, over ${windows} windows`);
  if (admitted.length < LIMIT) found.push(`only ${admitted.length} were let in`);
  if (admitted.length + refused.length !== answers.length) found.push("an answer is neither 200 nor 429");
  if (!refused.every(({ body }) => body.includes('"code":"resource_exhausted"')))
    found.push("a refusal is in other words");
  const rest = (seconds * 1_000 - (at % (seconds * 1_000))) / 1_000;
  const lasted = (ended - at) / 1_000;
  const wrong = refused.filter(({ headers }) => {
    const said = Number(headers["retry-after"]);
    return !(said >= Math.max(0, rest - lasted - 1) && said <= (windows > 1 ? seconds : rest) + 1);
  });
  if (wrong.length > 0)
    found.push(`Retry-After ${wrong[0]?.headers["retry-after"]} with ${rest.toFixed(1)} s left`);
  const hurt = others.filter(({ status }) => status !== 200);
  if (hurt.length > 0) found.push(`another tenant was answered ${hurt[0]?.status}`);
  return found.map((one) => `window of ${seconds} s at ${new Date(at).toISOString()}: ${one}`);
}

function rowOf({ answers, others, seconds }: Window): Record<string, string | number> {
  const refused = answers.filter(({ status }) => status === 429);
  return {
    "window s": seconds,
    "let in": answers.filter(({ status }) => status === 200).length,
    refused: refused.length,
    "retry after": [...new Set(refused.map(({ headers }) => headers["retry-after"]))].join(" "),
    "others let in": others.filter(({ status }) => status === 200).length,
  };
}

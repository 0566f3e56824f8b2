import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { ROOT } from "../../support/forerun-process.ts";
import type { Fault } from "../fault.ts";
import { ask, openClient } from "./ask.ts";
import type { Assault, Outcome } from "./assault.ts";
import { type Echo, startEcho } from "./echo.ts";
import { floods } from "./floods.ts";
import { AMBIGUOUS, SMUGGLED, smuggle } from "./smuggling.ts";
import { type Gateway, openStand, type Stand } from "./stand.ts";

const CLOSED_WITHIN_MS = 30_000;
/** Beyond the limit, so that a late close is told apart from none. */
const GRACE_MS = 10_000;
const CALM_AFTER_MS = 5_000;
const CALM_WINDOW_MS = 1_000;
/** Of one core, with a few good requests going on. */
const CALM_SHARE = 0.3;
const GOOD_EVERY_MS = 20;
const GOOD_FOR_MS = 3_000;
const AT_MOST_SLOWER = 2;
/** Less is the scheduler's, where attacker, gateway and good client share a machine. */
const NOISE_MS = 25;
const MS_A_TICK = 10;

type Row = Record<string, string | number>;

/** Every attack in turn, on one gateway that serves a good client all the while. */
export const floodsFault: Fault = {
  title: "floods of HTTP/2 frames, bombs, slow clients and smuggled requests at a gateway that serves others",
  async run(times, say) {
    const rows: Row[] = [];
    const violations: string[] = [];
    for (let round = 0; round < times; round++) {
      await using echo = await startEcho();
      await using stand = await openFloodStand(echo);
      for (const assault of floods(stand.issuer.token("mallory"))) {
        const { row, found } = await withstand(stand, assault);
        rows.push(row);
        violations.push(...found);
        say(JSON.stringify(row));
      }
      const { row, found } = await smuggleAll(stand, echo);
      rows.push(row);
      violations.push(...found);
    }
    return { rows, violations };
  },
};

export function openFloodStand(echo: Echo): Promise<Stand> {
  return openStand({
    replicas: 1,
    upstream: { http: [`127.0.0.1:${echo.http}`], grpc: [`127.0.0.1:${echo.grpc}`] },
    // What a stream may be silent for is no attack by itself; here it is short, so that slow readers are gone in time.
    limits: {
      stream_idle_seconds: 20,
      request_seconds: 20,
      rate: { default: { requests: 10_000, window: "second" } },
    },
  });
}

/** One attack, and how the good client fared before and during it. */
export async function withstand(stand: Stand, assault: Assault): Promise<{ row: Row; found: string[] }> {
  const [gateway] = stand.gateways;
  if (!gateway) throw new Error("there is no gateway");
  const token = stand.issuer.token("good");
  const before = await goodClient(gateway, token, sleep(GOOD_FOR_MS));
  const attack = attackFromOutside(assault, gateway, stand.issuer.token("mallory"));
  // At least as long as before, so that the two can be compared.
  const during = await goodClient(gateway, token, Promise.all([attack, sleep(GOOD_FOR_MS)]));
  const { opened, closed, slowestMs } = await attack;
  const busy = await shareAfter(gateway);
  const found: string[] = [];
  if (closed < opened) found.push(`${opened - closed} of ${opened} sockets were not closed`);
  if (slowestMs > CLOSED_WITHIN_MS) found.push(`a socket was open for ${slowestMs} ms`);
  if (during.failed > 0) found.push(`${during.failed} good requests failed`);
  if (during.p99 > AT_MOST_SLOWER * before.p99 + NOISE_MS)
    found.push(`good p99 went from ${before.p99} to ${during.p99} ms`);
  if (busy > CALM_SHARE) found.push(`the gateway still uses ${busy.toFixed(2)} of a core`);
  const row = {
    attack: assault.name,
    sockets: opened,
    closed,
    "closed ms": slowestMs,
    "good p99 before": before.p99,
    "good p99 during": during.p99,
    failed: during.failed,
    "CPU after": Number(busy.toFixed(2)),
  };
  return { row, found: found.map((one) => `${assault.name}: ${one}`) };
}

/** In a process of its own, so that the good client waits for the gateway alone. */
async function attackFromOutside({ name }: Assault, { port }: Gateway, token: string): Promise<Outcome> {
  const within = CLOSED_WITHIN_MS + GRACE_MS;
  const script = "tests/faults/gateway/attack-process.ts";
  const args = ["--import", "tsx", script, name, String(port), token, String(within)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  return JSON.parse(stdout) as Outcome;
}

/** A steady client until `over`. */
async function goodClient(
  { url }: Gateway,
  token: string,
  over: Promise<unknown>,
): Promise<{ p99: number; failed: number }> {
  const agent = openClient();
  const asked: Promise<{ status: number; ms: number }>[] = [];
  let on = true;
  void over.finally(() => {
    on = false;
  });
  while (on) {
    asked.push(ask({ url, token, agent }));
    await sleep(GOOD_EVERY_MS);
  }
  const answers = await Promise.all(asked);
  agent.destroy();
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const p99 = sorted[Math.floor(0.99 * (sorted.length - 1))] ?? Number.NaN;
  return { p99: Number(p99.toFixed(1)), failed: answers.filter(({ status }) => status !== 200).length };
}

/** Share of a core that the gateway uses once it has had the time it is given. */
async function shareAfter({ process }: Gateway): Promise<number> {
  await sleep(CALM_AFTER_MS - CALM_WINDOW_MS);
  const before = cpuMs(process.pid);
  await sleep(CALM_WINDOW_MS);
  return (cpuMs(process.pid) - before) / CALM_WINDOW_MS;
}

function cpuMs(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MS_A_TICK;
}

/** All heads that can be read in two ways: refused, or read in one way, and nothing of them is a request of its own. */
export async function smuggleAll(stand: Stand, echo: Echo): Promise<{ row: Row; found: string[] }> {
  const found: string[] = [];
  let refused = 0;
  for (const [name, lines] of Object.entries(AMBIGUOUS)) {
    const port = stand.gateways[0]?.port ?? 0;
    const statuses = await smuggle(port, stand.issuer.token("mallory"), lines);
    if (statuses.every((status) => status === 400)) refused += 1;
    if (statuses.some((status) => status >= 500)) found.push(`${name}: answered ${statuses}`);
  }
  const through = echo.paths.filter((path) => path === SMUGGLED).length;
  if (through > 0) found.push(`${through} smuggled requests came through`);
  return { row: { attack: "smuggling", sockets: Object.keys(AMBIGUOUS).length, closed: refused }, found };
}

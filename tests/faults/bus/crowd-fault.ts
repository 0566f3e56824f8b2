import { startNats } from "@forerun/components/nats";
import { tool } from "@forerun/tool-executor/fixtures/domain";
import { openBusEnds } from "../../support/bus-ends.ts";
import type { Fault } from "../fault.ts";

/** Calls at one moment, and how many of one tool have a place or wait for one. */
const CALLS = 1_000;
const PLACES = 80;
/** Bytes that this process may grow by, both ends of the calls included. */
const MOST_GROWTH = 50 * 1_048_576;

/** More calls than an executor has places for, of a tool that does not end. */
export const crowdFault: Fault = {
  title: `${CALLS} calls at one moment of a tool that does not end, over NATS`,
  async run(times, say) {
    const violations: string[] = [];
    const rows: Record<string, string | number>[] = [];
    for (let round = 1; round <= times; round += 1) {
      const row = await crowdOnce();
      rows.push({ round, ...row });
      const others = CALLS - row.refused - row.served;
      if (others > 0) violations.push(`round ${round}: ${others} calls ended otherwise, or not at all`);
      if (row.served > PLACES) violations.push(`round ${round}: ${row.served} calls ran`);
      if (row.grownBytes > MOST_GROWTH) violations.push(`round ${round}: grown by ${row.grownBytes} bytes`);
      say(`round ${round}: ${violations.length} violations so far`);
    }
    return { rows, violations };
  },
};

async function crowdOnce() {
  await using server = await startNats();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = tool({
    name: "slow",
    effect: "read",
    timeoutMs: 120_000,
    run: async () => held.then(() => ({})),
  });
  await using ends = await openBusEnds({ chat: server.url, executor: server.url }, slow);
  const before = process.memoryUsage.rss();
  const start = performance.now();
  const row = { served: 0, refused: 0, lastRefusalMs: 0 };
  const calls = Array.from({ length: CALLS }, async (_, at) => {
    const end = await ends.call("slow", `c${at}`);
    if (end?.kind === "result") row.served += 1;
    else if (end?.kind === "failure" && end.code === "busy") {
      row.refused += 1;
      row.lastRefusalMs = Math.round(performance.now() - start);
      if (row.refused === CALLS - PLACES) release();
    }
  });
  await Promise.race([Promise.all(calls), giveUp()]);
  const grownBytes = process.memoryUsage.rss() - before;
  return { ...row, overGrpc: ends.fallbacks.length, grownBytes };
}

function giveUp(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 60_000).unref());
}

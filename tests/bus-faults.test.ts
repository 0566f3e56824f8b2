/** What goes wrong between chat, a real broker and an executor, and what becomes of the calls. */

import type { BusMessage } from "@forerun/bus/bus";
import type { BusEvent } from "@forerun/bus/bus-event";
import { CALL_ID_HEADER } from "@forerun/bus/call-headers";
import { startNats } from "@forerun/components/nats";
import { startToxiproxy } from "@forerun/components/toxiproxy";
import { skipWithout } from "@forerun/testing/skip-without";
import { tool } from "@forerun/tool-executor/fixtures/domain";
import { expect } from "vitest";
import { type BusEnd, type BusEnds, openBusEnds } from "./support/bus-ends.ts";
import { scenario } from "./support/scenario.ts";
import { until } from "./support/until.ts";

const NEVER = new AbortController().signal;
const PATIENT = { timeoutMs: 10_000, signal: NEVER };

/** A tool that reads and one that changes something. Each counts by call how often it has run, and waits while it is held. */
function countingTools() {
  const runs = { read: new Map<string, number>(), write: new Map<string, number>() };
  let held = Promise.resolve();
  const tools = (["read", "write"] as const).map((effect) =>
    tool({
      name: effect,
      effect,
      timeoutMs: 30_000,
      run: async ({ id }) => {
        runs[effect].set(String(id), (runs[effect].get(String(id)) ?? 0) + 1);
        await held;
        return {};
      },
    }),
  );
  const hold = () => {
    let release = () => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    return () => release();
  };
  return { runs, tools, hold };
}

/** Every fourth call changes something. Gives how each has ended. */
async function makeCalls(ends: BusEnds, prefix: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, at) => (at % 4 === 0 ? "write" : "read"));
  const last = await Promise.all(names.map((name, at) => ends.call(name, `${prefix}${at}`)));
  return last.map((step) => (step?.kind === "failure" ? step.code : (step?.kind ?? "nothing")));
}

function all(kind: string, count: number): string[] {
  return Array.from({ length: count }, () => kind);
}

function times({ events }: BusEnd, kind: BusEvent["kind"]): number {
  return events.filter((event) => event.kind === kind).length;
}

function dropped({ events }: BusEnd, reason: string): string[] {
  return events.flatMap((event) => (event.kind === "dropped" && event.reason === reason ? [event.on] : []));
}

async function firstOf(messages: AsyncIterable<BusMessage>): Promise<BusMessage> {
  for await (const message of messages) return message;
  throw new Error("nothing was heard");
}

skipWithout("nats-server")("a broker that is killed", () => {
  scenario(
    "bus.broker",
    async () => {
      const { runs, tools, hold } = countingTools();
      const server = await startNats();
      await using ends = await openBusEnds({ chat: server.url, executor: server.url }, ...tools);
      const release = hold();
      const caught = makeCalls(ends, "caught", 20);
      await until(() => runs.read.size + runs.write.size === 20, "the calls to run");
      server.process.kill("SIGKILL");
      await until(() => times(ends.chat, "disconnected") === 1, "the loss to be seen");
      release();
      expect(await caught).toEqual(all("result", 20));
      expect(await makeCalls(ends, "without", 20)).toEqual(all("result", 20));
      await using _again = await startNats({ port: server.port });
      const bothBack = () => times(ends.chat, "connected") === 2 && times(ends.executor, "connected") === 2;
      await until(bothBack, "the broker to be found again", 2_000);
      const fallbacks = ends.fallbacks.length;
      expect(await makeCalls(ends, "after", 20)).toEqual(all("result", 20));
      // Calls that change something are declined on the bus; no other goes round it any more.
      expect(ends.fallbacks.slice(fallbacks)).toEqual(all("declined", 5));
      expect([...runs.write.values()]).toEqual(Array.from({ length: 15 }, () => 1));
      expect(runs.read.size).toBe(45);
    },
    60_000,
  );
});

skipWithout("toxiproxy")("an executor that is cut off from its broker", () => {
  scenario(
    "bus.cut",
    async () => {
      const { runs, tools, hold } = countingTools();
      await using server = await startNats();
      await using toxiproxy = await startToxiproxy();
      const link = await toxiproxy.proxy(server.port);
      const urls = { chat: server.url, executor: `nats://127.0.0.1:${link.port}` };
      await using ends = await openBusEnds(urls, ...tools);
      const release = hold();
      const caught = makeCalls(ends, "caught", 8);
      await until(() => runs.read.size + runs.write.size === 8, "the calls to run");
      await link.stall();
      release();
      const during = makeCalls(ends, "during", 8);
      expect(await caught).toEqual(all("result", 8));
      expect(await during).toEqual(all("result", 8));
      expect(ends.fallbacks).toEqual(expect.arrayContaining(["silent", "not_taken"]));
      await link.restore();
      await until(() => times(ends.executor, "connected") === 2, "the executor to be back", 20_000);
      expect(await makeCalls(ends, "after", 8)).toEqual(all("result", 8));
      expect([...runs.write.values()]).toEqual([1, 1, 1, 1, 1, 1]);
    },
    60_000,
  );
});

skipWithout("nats-server")("an executor with more calls than places", () => {
  scenario("bus.full", async () => {
    const { tools, hold } = countingTools();
    await using server = await startNats();
    const quick = tool({ name: "quick", effect: "read" });
    await using ends = await openBusEnds({ chat: server.url, executor: server.url }, ...tools, quick);
    const release = hold();
    const ended: string[] = [];
    const calls = Array.from({ length: 120 }, async (_, at) => {
      const step = await ends.call("read", `c${at}`);
      ended.push(step?.kind === "failure" ? step.code : (step?.kind ?? "nothing"));
    });
    await until(() => ended.length === 40, "the calls beyond 80 to be refused");
    expect(new Set(ended)).toEqual(new Set(["busy"]));
    expect(await ends.call("quick", "q1")).toMatchObject({ kind: "result" });
    release();
    await Promise.all(calls);
    expect(ended.slice(40)).toEqual(all("result", 80));
  });
});

skipWithout("nats-server")("messages that nobody can read", () => {
  scenario("bus.garbage", async () => {
    const { tools, hold } = countingTools();
    await using server = await startNats();
    const quick = tool({ name: "quick", effect: "read" });
    await using ends = await openBusEnds({ chat: server.url, executor: server.url }, ...tools, quick);
    const { bus, subjects } = ends.chat;
    const release = hold();
    const overheard = await bus.subscribe(subjects.toolCalls, { signal: NEVER });
    const held = ends.call("read", "held");
    const inbox = (await firstOf(overheard)).reply ?? subjects.cancel;
    for (let at = 0; at < 10_000; at++) {
      const garbage = new Uint8Array([0xff, at & 0xff, 0xff, 0xff]);
      bus.publish(subjects.toolCall("read"), garbage, { reply: inbox });
      bus.publish(subjects.cancel, garbage);
      bus.publish(subjects.commit, garbage);
      bus.publish(inbox, garbage, { headers: { [CALL_ID_HEADER]: "held" } });
      // Once the broker has answered, it has read what was published before.
      if (at % 200 === 0) await bus.request(subjects.owner("nobody"), garbage, PATIENT);
    }
    for (let at = 0; at < 40; at++) expect((await ends.call("quick", `q${at}`))?.kind).toBe("result");
    release();
    expect(await held).toMatchObject({ kind: "result" });
    expect(dropped(ends.executor, "undecodable")).toHaveLength(30_000);
    // Those on top of what may wait for one reader are counted as that.
    const answers = [...dropped(ends.chat, "undecodable"), ...dropped(ends.chat, "slow_reader")];
    expect(answers.filter((on) => on === inbox)).toHaveLength(10_000);
  });
});

import { type Logger, silentLogger } from "@forerun/runtime/logger";
import { afterEach, describe, expect, it } from "vitest";
import type { ToolSet } from "./clients.ts";
import { createPrior } from "./tier0/decision/prior.ts";
import { calculator, geocode } from "./tier0/fixtures.ts";
import { Tier0 } from "./tier0/tier0.ts";
import { topicEmbedder } from "./tier0/topic-embedder.fixture.ts";
import { ToolCatalog } from "./tool-catalog.ts";

const tier0 = new Tier0(createPrior());
const signal = new AbortController().signal;
const facts = new Map();
const first: ToolSet = { version: "1", tools: [calculator], facts };
const second: ToolSet = { version: "2", tools: [calculator, geocode], facts };
let catalog: ToolCatalog | undefined;

afterEach(async () => {
  await catalog?.[Symbol.asyncDispose]();
});

function follow(
  watch: (signal: AbortSignal) => AsyncIterable<ToolSet>,
  log = silentLogger,
  reader = tier0,
): ToolCatalog {
  catalog = new ToolCatalog({ watch, tier0: reader, log });
  return catalog;
}

const untilAborted = (stop: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });

describe("following the tools", () => {
  it("waits for the first ones", async () => {
    const tools = follow(async function* (stop) {
      yield first;
      await untilAborted(stop);
    });
    expect((await tools.current(signal)).names).toEqual(["calculator"]);
  });

  it("takes up a change", async () => {
    let taken = () => {};
    const changed = new Promise<void>((resolve) => {
      taken = resolve;
    });
    const tools = follow(async function* (stop) {
      yield first;
      yield second;
      // Pulled again, so the second set has been read.
      taken();
      await untilAborted(stop);
    });
    await changed;
    expect((await tools.current(signal)).version).toBe("2");
  });

  it("comes back after a failure, and keeps what it knew meanwhile", async () => {
    let attempts = 0;
    let back = () => {};
    const returned = new Promise<void>((resolve) => {
      back = resolve;
    });
    const tools = follow(async function* (stop) {
      attempts++;
      yield attempts === 1 ? first : second;
      if (attempts === 1) throw new Error("connection lost");
      back();
      await untilAborted(stop);
    });
    expect((await tools.current(signal)).version).toBe("1");
    await returned;
    expect((await tools.current(signal)).version).toBe("2");
  });

  it("warns when it cannot come back, not of each connection's end", async () => {
    const said: string[] = [];
    const note = (level: string) => (_fields: object, message: string) =>
      void said.push(`${level}: ${message}`);
    const log: Logger = { ...silentLogger, debug: note("debug"), warn: note("warn"), child: () => log };
    let attempts = 0;
    let back = () => {};
    const returned = new Promise<void>((resolve) => {
      back = resolve;
    });
    follow(async function* (stop) {
      attempts++;
      if (attempts === 2) throw new Error("refused");
      if (attempts === 3) back();
      yield first;
      if (attempts === 1) throw new Error("connection too old");
      await untilAborted(stop);
    }, log);
    await returned;
    expect(said).toEqual(["debug: the watch of tools ended", "warn: tools cannot be watched"]);
  });

  it("has embedded the tools it gives, where that is quick", async () => {
    const { embedder } = topicEmbedder();
    const meant = new Tier0(createPrior(), { embedder, failed: () => {} });
    const tools = follow(
      async function* (stop) {
        yield second;
        await untilAborted(stop);
      },
      silentLogger,
      meant,
    );
    const index = await (await tools.current(signal)).indexOf([]);
    const clock = { now: new Date("2026-03-01T12:00:00Z"), timeZone: "UTC" };
    const question = { text: "add 45 and 78", history: [], clock, toolChoice: "auto", maxCalls: 8 } as const;
    expect(await meant.decideByMeaning(index, question, signal)).toBeDefined();
  });

  it("goes on without tools when the executor stays away", async () => {
    const tools = follow(() => {
      throw new Error("no executor");
    });
    const snapshot = await tools.current(signal);
    expect(snapshot.names).toEqual([]);
    expect((await snapshot.indexOf([])).tools).toEqual([]);
  });

  it("keeps an index for each list of allowed tools", async () => {
    const tools = follow(async function* (stop) {
      yield second;
      await untilAborted(stop);
    });
    const snapshot = await tools.current(signal);
    const some = await snapshot.indexOf(["geocode", "unknown"]);
    expect(some.tools.map((tool) => tool.definition.name)).toEqual(["geocode"]);
    expect(await snapshot.indexOf(["unknown", "geocode"])).toBe(some);
  });
});

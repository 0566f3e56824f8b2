import { openCache } from "@forerun/cache/open-cache";
import type { Caller } from "@forerun/runtime/caller";
import { metrics } from "@opentelemetry/api";
import { afterEach, describe, expect, it } from "vitest";
import type { ModelEvent } from "./model-call.ts";
import { type Asked, openReplyMemory, replayed } from "./reply-memory.ts";

const caller = (tenant: string, subject = "u1"): Caller => ({ tenant, subject, roles: ["user"] });
const REPLY = { text: "It is 408.", model: "large" };

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

function asked(text: string, change: Partial<Asked> = {}): Asked {
  const now = change.now ?? "2026-03-01T12:00:00.000Z";
  return {
    model: "large",
    request: { messages: [{ role: "user", content: `Now: ${now}\n${text}` }], maxOutputTokens: 50 },
    policy: "p1",
    now,
    timeZone: "UTC",
    ...change,
  };
}

function memory() {
  const cache = openCache({ meter: metrics.getMeter("test") });
  opened.push(cache);
  const made = openReplyMemory(cache, "answer", 60_000);
  if (!made) throw new Error("expected a memory");
  return made;
}

async function remembering(first: Asked) {
  const kept = memory();
  await kept.slotsOf(caller("acme"))(first).keep(REPLY);
  return (next: Asked, who = caller("acme")) => kept.slotsOf(who)(next).find();
}

describe("a reply", () => {
  it.each<[string, Partial<Asked>]>([
    ["the same request", {}],
    ["the same request later that day", { now: "2026-03-01T12:00:30.000Z" }],
  ])("is found for %s", async (_what, change) => {
    const find = await remembering(asked("17% of 2400"));
    expect(await find(asked("17% of 2400", change))).toMatchObject({ reply: REPLY, reused: { layer: "l1" } });
  });

  it.each<[string, Asked]>([
    ["another question", asked("18% of 2400")],
    ["another model", asked("17% of 2400", { model: "small" })],
    ["another version of the policy", asked("17% of 2400", { policy: "p2" })],
    ["the next day", asked("17% of 2400", { now: "2026-03-02T00:00:01.000Z" })],
    ["the next day of another zone", asked("17% of 2400", { timeZone: "Pacific/Kiritimati" })],
    [
      "another limit",
      asked("17% of 2400", { request: { ...asked("17% of 2400").request, maxOutputTokens: 51 } }),
    ],
    [
      "another schema",
      asked("17% of 2400", {
        request: { ...asked("17% of 2400").request, responseSchema: { name: "answer", schema: {} } },
      }),
    ],
  ])("is not found for %s", async (_what, next) => {
    const find = await remembering(asked("17% of 2400"));
    expect(await find(next)).toBeUndefined();
  });

  it("is shared within a tenant and with nobody else", async () => {
    const find = await remembering(asked("17% of 2400"));
    expect(await find(asked("17% of 2400"), caller("acme", "u2"))).toBeDefined();
    expect(await find(asked("17% of 2400"), caller("other"))).toBeUndefined();
  });

  it("is streamed as a model would, at no cost", async () => {
    const events: ModelEvent[] = [];
    for await (const event of replayed(REPLY)) events.push(event);
    expect(events).toEqual([
      { kind: "text", text: "It is 408." },
      {
        kind: "done",
        finishReason: "stop",
        model: "large",
        usage: { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costMicros: 0 },
      },
    ]);
  });
});

it("there is no memory without a cache, or without a time to keep", () => {
  const cache = openCache({ meter: metrics.getMeter("test") });
  opened.push(cache);
  expect(openReplyMemory(undefined, "route", 60_000)).toBeUndefined();
  expect(openReplyMemory(cache, "route", 0)).toBeUndefined();
});

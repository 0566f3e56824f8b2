/** The same question to the same model a moment later. */
import { openCache } from "@forerun/cache/open-cache";
import { createModel } from "@forerun/llm/model";
import { ReplyMemory } from "@forerun/llm/reply-memory";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import type { Check } from "@forerun/toolkit/untrusted-schema";
import { metrics } from "@opentelemetry/api";
import { afterEach, describe, expect, it } from "vitest";
import type { AnswerEvent, AnswerQuestion } from "../answer.ts";
import { question, result, snippet } from "../fixtures.ts";
import { writeByModel } from "./write-by-model.ts";

const OTHER_TENANT: Caller = { ...LOCAL_CALLER, tenant: "other" };
const SNIPPET = snippet("A turn log holds the events of a turn.");

type Reply = Script["steps"][number]["reply"];

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** A model that always replies alike, and answers by it that are remembered. */
async function remembering(reply: Reply) {
  const server = await startScriptedModel([{ match: { kind: "answer" }, reply, times: 9 }]);
  const model = createModel({ url: server.url, key: undefined, model: "large", timeoutMs: 2_000 });
  const cache = openCache({ meter: metrics.getMeter("test") });
  opened.push(server, model, cache);
  const memory = new ReplyMemory(cache, "answer", 60_000);
  const answer = async (change: Partial<AnswerQuestion> = {}, caller = LOCAL_CALLER, check?: Check) => {
    const writing = { model, replies: memory.slotsOf(caller), check };
    const events: AnswerEvent[] = [];
    for await (const event of writeByModel(question(change), writing, new AbortController().signal)) {
      events.push(event);
    }
    return events;
  };
  return { answer, asked: () => server.log().length };
}

describe("the same question again", () => {
  it("is answered as before without a model call, its sources cited, and says so first", async () => {
    const { answer, asked } = await remembering({ text: "It holds events [1], I think." });
    const first = await answer({ snippets: [SNIPPET] });
    const second = await answer({ snippets: [SNIPPET], now: "2026-01-02T03:05:00Z" });
    expect(second[0]).toMatchObject({ kind: "reused", reused: { layer: "l1" } });
    expect(second.slice(1).map(({ kind }) => kind)).toEqual(["text", "citation", "done"]);
    expect(textOf(second)).toBe(textOf(first));
    expect(second.filter(({ kind }) => kind === "citation")).toEqual(
      first.filter(({ kind }) => kind === "citation"),
    );
    expect(second.at(-1)).toMatchObject({
      kind: "done",
      model: "large",
      usage: { modelCalls: 0, outputTokens: 0 },
    });
    expect(asked()).toBe(1);
  });

  it.each<[string, Partial<AnswerQuestion>, Caller]>([
    ["of another tenant", {}, OTHER_TENANT],
    ["over other results", { results: [result({ output: 409 })] }, LOCAL_CALLER],
    ["over other passages", { snippets: [SNIPPET] }, LOCAL_CALLER],
    ["of another length", { maxOutputTokens: 9 }, LOCAL_CALLER],
    ["on the next day", { now: "2026-01-03T03:04:05Z" }, LOCAL_CALLER],
  ])("%s is another question", async (_what, change, caller) => {
    const { answer, asked } = await remembering({ text: "It is so." });
    await answer();
    expect((await answer(change, caller))[0]?.kind).toBe("text");
    expect(asked()).toBe(2);
  });

  it.each<[string, Reply, Partial<AnswerQuestion>]>([
    ["was cut by the token limit", { text: "It is", finish_reason: "length" }, {}],
    ["was filtered", { text: "It is", finish_reason: "content_filter" }, {}],
    ["began before the decision", { text: "It is so." }, { early: true }],
    ["has no word", { text: " " }, {}],
    ["broke off", { half: "It is so, as far as I can see." }, {}],
  ])("is asked anew when the answer %s", async (_what, reply, change) => {
    const { answer, asked } = await remembering(reply);
    await answer(change).catch(() => {});
    await answer({ ...change, early: false }).catch(() => {});
    expect(asked()).toBe(2);
  });

  it("is asked anew when the answer breaks its schema", async () => {
    const { answer, asked } = await remembering({ text: "7" });
    for (const _ of [1, 2]) {
      await expect(answer({}, LOCAL_CALLER, () => "it is no object")).rejects.toMatchObject({
        code: "FR-E1532",
      });
    }
    expect(asked()).toBe(2);
  });
});

function textOf(events: readonly AnswerEvent[]): string {
  return events.map((event) => (event.kind === "text" ? event.text : "")).join("");
}

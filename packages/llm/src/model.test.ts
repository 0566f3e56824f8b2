import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, describe, expect, it } from "vitest";
import { createModel, type Model } from "./model.ts";
import type { ModelEvent, ModelRequest } from "./model-call.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

function connect(url: string, timeoutMs = 5_000): Model {
  const model = createModel({ url, key: "k", model: "m", timeoutMs });
  opened.push(model);
  return model;
}

type Reply = Script["steps"][number]["reply"];

async function serve(reply: Reply, more: Partial<Script["steps"][number]> = {}): Promise<ScriptedModel> {
  const server = await startScriptedModel([{ match: { kind: "answer" }, reply, times: 9, ...more }]);
  opened.push(server);
  return server;
}

const REQUEST: ModelRequest = { messages: [{ role: "user", content: "hello" }] };

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.kind === "text" ? event.text : "")).join("");
}

const never = new AbortController().signal;

describe("a model that works", () => {
  it("streams its text and reports finish and usage", async () => {
    const { url, log } = await serve({ text: "Grüße aus Oslo 🙂, sagt er." });
    const events = await collect(connect(url).stream({ ...REQUEST, maxOutputTokens: 9 }, never));
    expect(textOf(events)).toBe("Grüße aus Oslo 🙂, sagt er.");
    expect(events.at(-1)).toEqual({
      kind: "done",
      finishReason: "stop",
      usage: { inputTokens: 2, outputTokens: 7, cachedTokens: 0, costMicros: 0 },
      model: "m",
    });
    expect(log()[0]?.request).toMatchObject({
      model: "m",
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 9,
    });
  });

  it("answers in one piece, with the schema it was asked to keep", async () => {
    const { url, log } = await serve({ json: { a: 1 } }, { match: { kind: "route" } });
    const responseSchema = { name: "route_decision", schema: { type: "object" } };
    const completion = await connect(url).complete({ ...REQUEST, responseSchema }, never);
    expect(completion).toMatchObject({ kind: "completed", text: '{"a":1}', finishReason: "stop" });
    expect(log()[0]?.request).toMatchObject({
      stream: false,
      response_format: { type: "json_schema", json_schema: { name: "route_decision", strict: false } },
    });
  });

  it("says when the token limit or a filter cut the text", async () => {
    for (const [sent, seen] of [
      ["length", "max_tokens"],
      ["content_filter", "content_filter"],
      ["eos", "stop"],
    ] as const) {
      const { url } = await serve({ text: "cut", finish_reason: sent });
      const model = connect(url);
      expect((await collect(model.stream(REQUEST, never))).at(-1)).toMatchObject({ finishReason: seen });
      expect(await model.complete(REQUEST, never)).toMatchObject({ finishReason: seen });
    }
  });

  it("asks for calls of the tools it was given, put together from their pieces", async () => {
    const calls = [
      { id: "a", name: "read_file", arguments: { path: "notes/Größe.md" } },
      { id: "b", name: "now", arguments: "" },
    ];
    const { url, log } = await serve({ text: "Let me look.", calls });
    const parameters = { type: "object", properties: { path: { type: "string" } } };
    const list = [{ name: "read_file", description: "Reads a file.", parameters }];
    const request: ModelRequest = {
      messages: [
        ...REQUEST.messages,
        { role: "assistant", content: "", toolCalls: [{ id: "z", name: "now", arguments: "{}" }] },
        { role: "tool", content: "noon", toolCallId: "z" },
      ],
      tools: { list, choice: { name: "read_file" }, single: true },
    };
    const events = await collect(connect(url).stream(request, never));
    expect(textOf(events)).toBe("Let me look.");
    expect(events.at(-1)).toMatchObject({
      finishReason: "stop",
      toolCalls: [
        { id: "a", name: "read_file", arguments: '{"path":"notes/Größe.md"}' },
        { id: "b", name: "now", arguments: "{}" },
      ],
    });
    expect(log()[0]?.request).toMatchObject({
      messages: [
        { role: "user" },
        { role: "assistant", content: null, tool_calls: [{ id: "z", function: { name: "now" } }] },
        { role: "tool", tool_call_id: "z", content: "noon" },
      ],
      tools: [{ type: "function", function: { name: "read_file", parameters } }],
      tool_choice: { type: "function", function: { name: "read_file" } },
      parallel_tool_calls: false,
    });
  });

  it("makes one event of everything that came in one chunk", async () => {
    const burst = ["a", "b", "c"].map((content) => delta({ content })).join("");
    const { url } = await serve({ raw: `${burst}${finish("stop")}data: [DONE]\n\n` });
    const events = await collect(connect(url).stream(REQUEST, never));
    expect(events.map(({ kind }) => kind)).toEqual(["text", "done"]);
    expect(textOf(events)).toBe("abc");
  });
});

function delta(content: object): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: content, finish_reason: null }] })}\n\n`;
}

function finish(reason: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: reason }] })}\n\n`;
}

describe("an endpoint that refuses", () => {
  it.each([
    [401, "FR-E1502", "failed_precondition", undefined],
    [404, "FR-E1508", "failed_precondition", undefined],
    [400, "FR-E1508", "failed_precondition", undefined],
    [429, "FR-E1503", "resource_exhausted", 1_000],
    [500, "FR-E1504", "unavailable", 1_000],
    [502, "FR-E1504", "unavailable", 1_000],
    [503, "FR-E1504", "unavailable", 1_000],
    [529, "FR-E1504", "unavailable", 1_000],
  ])("with %i fails as %s, once, without its words", async (status, code, expected, retryAfterMs) => {
    const { url, log } = await serve({
      status,
      retry_after: 1,
      body: '{"error":{"message":"secret-canary"}}',
    });
    const model = connect(url);
    const streamed = await collect(model.stream(REQUEST, never));
    const whole = await model.complete(REQUEST, never);
    for (const outcome of [streamed[0], whole]) {
      if (outcome?.kind !== "failed") throw new Error("expected a failure");
      expect(outcome.error).toMatchObject({ code, status: expected, retryAfterMs });
      expect(described(outcome.error)).not.toContain("secret-canary");
    }
    expect(streamed).toHaveLength(1);
    expect(log()).toHaveLength(2);
  });

  it("by not being there fails as unreachable", async () => {
    const { url, [Symbol.asyncDispose]: stop } = await startScriptedModel([]);
    await stop();
    expect(await failure(connect(url))).toMatchObject({ code: "FR-E1501", status: "unavailable" });
    expect(await failure(connect("http://nowhere.invalid/v1"))).toMatchObject({ code: "FR-E1501" });
  });
});

function described(error: Error): string {
  return `${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`;
}

async function failure(model: Model): Promise<Error> {
  const outcome = await model.complete(REQUEST, never);
  if (outcome.kind !== "failed") throw new Error("expected a failure");
  return outcome.error;
}

describe("an endpoint that hangs", () => {
  it.each(["headers", "first_token", "tokens"] as const)(
    "at %s is given up after the silence, its socket closed",
    async (hang) => {
      const { url, log, settled } = await serve({ hang });
      const begun = performance.now();
      const events = await collect(connect(url, 120).stream(REQUEST, never));
      expect(events.at(-1)).toMatchObject({
        kind: "failed",
        error: { code: "FR-E1505", status: "deadline_exceeded" },
      });
      expect(performance.now() - begun).toBeLessThan(120 + 250);
      await settled();
      expect(log()[0]?.closed_by).toBe("client");
    },
  );

  it("before it accepts anything is given up too", async () => {
    const url = await mute();
    const begun = performance.now();
    const events = await collect(connect(url, 120).stream(REQUEST, never));
    expect(events).toMatchObject([{ kind: "failed", error: { code: "FR-E1505" } }]);
    expect(performance.now() - begun).toBeLessThan(120 + 250);
  });

  it("after the whole text costs a second at most and no error", async () => {
    const parts = [`${delta({ content: "whole" })}${finish("stop")}`, "data: [DONE]\n\n"];
    const { url } = await serve({ raw: { parts } }, { token_ms: 60_000 });
    const events = await collect(connect(url).stream(REQUEST, never));
    expect(events.map(({ kind }) => kind)).toEqual(["text", "done"]);
  });
});

/** A server that takes connections and never says a word. */
async function mute(): Promise<string> {
  const server: Server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({ [Symbol.asyncDispose]: async () => void server.close() });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

it("waits for a slow reader as long as it takes", async () => {
  const { url } = await serve({ text: "one two three" }, { token_ms: 40 });
  const events: ModelEvent[] = [];
  for await (const event of connect(url, 100).stream(REQUEST, never)) {
    events.push(event);
    if (events.length === 1) await delay(300);
  }
  expect([textOf(events), events.at(-1)?.kind]).toEqual(["one two three", "done"]);
});

describe("a caller that leaves", () => {
  it.each(["headers", "first_token", "tokens"] as const)(
    "at %s closes the model's socket within a second",
    async (hang) => {
      const { url, log, settled } = await serve({ hang });
      const caller = new AbortController();
      const reason = new Error("the user left");
      const collected = collect(connect(url).stream(REQUEST, caller.signal));
      await expect.poll(() => log().length).toBe(1);
      const aborted = performance.now();
      caller.abort(reason);
      await expect(collected).rejects.toBe(reason);
      await settled();
      expect(performance.now() - aborted).toBeLessThan(1_000);
      expect(log()[0]?.closed_by).toBe("client");
    },
  );

  it("by breaking out of the stream closes the socket too", async () => {
    const { url, log, settled } = await serve({ hang: "tokens" });
    for await (const event of connect(url).stream(REQUEST, never)) {
      expect(event.kind).toBe("text");
      break;
    }
    await settled();
    expect(log()[0]?.closed_by).toBe("client");
  });

  it("before the call makes none", async () => {
    const { url, log } = await serve({ text: "unheard" });
    const reason = new Error("too late");
    const gone = AbortSignal.abort(reason);
    await expect(connect(url).complete(REQUEST, gone)).rejects.toBe(reason);
    await expect(collect(connect(url).stream(REQUEST, gone))).rejects.toBe(reason);
    expect(log()).toEqual([]);
  });
});

describe("garbage", () => {
  const hello = delta({ content: "hello" });
  const end = `${finish("stop")}data: [DONE]\n\n`;
  const emoji = Buffer.from(delta({ content: "🙂" }));

  it.each<[string, Exclude<Reply, { text: string }>, string]>([
    ["no [DONE]", { raw: `${hello}${finish("stop")}` }, "hello"],
    ["two [DONE]", { raw: `${hello}${end}data: [DONE]\n\n` }, "hello"],
    ["no finish reason before [DONE]", { raw: `${hello}data: [DONE]\n\n` }, "hello"],
    ["CRLF", { raw: `${hello}${end}`.replaceAll("\n", "\r\n") }, "hello"],
    ["one event over several lines", { raw: `${hello.replace("{", "{\ndata: ")}${end}` }, "hello"],
    ["comments", { raw: `: x\n\n${hello}: y\n${end}` }, "hello"],
    [
      "a character split between packets",
      { raw: { parts: [b64(emoji.subarray(0, 45)), b64(emoji.subarray(45)), end] } },
      "🙂",
    ],
    ["empty choices", { raw: `data: {"choices":[]}\n\n${hello}${end}` }, "hello"],
    ["choices of null", { raw: `data: {"choices":null}\n\n${hello}${end}` }, "hello"],
    ["NUL in the text", { raw: `${delta({ content: "he\0llo" })}${end}` }, "hello"],
    ["a wrong content type", { raw: { parts: [hello, end], content_type: "text/plain" } }, "hello"],
    ["usage that is no number", { raw: `${hello}data: {"usage":{"prompt_tokens":"x"}}\n\n${end}` }, "hello"],
  ])("%s is understood", async (_, reply, text) => {
    const { url } = await serve(reply, { token_ms: 5 });
    const events = await collect(connect(url).stream(REQUEST, never));
    expect([textOf(events), events.at(-1)?.kind]).toEqual([text, "done"]);
  });

  it("reports no count that a wire message could not hold, and no more cached tokens than read ones", async () => {
    const usage = {
      prompt_tokens: 7,
      completion_tokens: 2 ** 40,
      prompt_tokens_details: { cached_tokens: 9 },
    };
    const { url } = await serve({ raw: `${hello}data: ${JSON.stringify({ usage })}\n\n${end}` });
    const events = await collect(connect(url).stream(REQUEST, never));
    expect(events.at(-1)).toMatchObject({
      kind: "done",
      usage: { inputTokens: 7, outputTokens: 2 ** 31 - 1, cachedTokens: 7 },
    });
  });

  it.each<[string, string, string]>([
    ["invalid JSON", `${hello}data: {"choices\n\n`, "FR-E1506"],
    ["another shape of JSON", `data: {"choices":[{"delta":{"content":7}}]}\n\n`, "FR-E1506"],
    ["HTML", "<html>secret-canary</html>", "FR-E1507"],
    ["nothing", "", "FR-E1507"],
    ["[DONE] alone", "data: [DONE]\n\n", "FR-E1506"],
    ["a raw NUL", "data: {\0}\n\n", "FR-E1506"],
    ["a line of 10 MB", `data: ${"x".repeat(10 << 20)}\n\n`, "FR-E1506"],
    ["an error in mid-stream", `${hello}data: {"error":{"message":"secret-canary"}}\n\n`, "FR-E1504"],
  ])("%s ends a stream in a safe error", async (_, raw, code) => {
    const { url } = await serve({ raw });
    const events = await collect(connect(url).stream(REQUEST, never));
    const last = events.at(-1);
    if (last?.kind !== "failed") throw new Error("expected a failure");
    expect(last.error.code).toBe(code);
    expect(described(last.error)).not.toContain("secret-canary");
  });

  it.each([
    ["invalid JSON", '{"choices":'],
    ["HTML", "<html>secret-canary</html>"],
    ["no choices", '{"choices":[]}'],
    ["another shape", '{"message":"secret-canary"}'],
    ["10 MB", `{"choices":"${"x".repeat(10 << 20)}"}`],
  ])("%s ends a whole completion in a safe error", async (_, raw) => {
    const { url } = await serve({ raw });
    const error = await failure(connect(url));
    expect(error).toMatchObject({ code: "FR-E1506", status: "unavailable" });
    expect(described(error)).not.toContain("secret-canary");
  });
});

function b64(bytes: Uint8Array): { base64: string } {
  return { base64: Buffer.from(bytes).toString("base64") };
}

describe("an answer that breaks off", () => {
  const places = [0, 0.01, 0.5, 0.99];
  const ways = ["reset", "fin", "end"] as const;

  it.each(places.flatMap((at) => ways.map((close) => [at, close] as const)))(
    "at %f by %s is never taken for a whole one",
    async (at, close) => {
      const text = "word ".repeat(200);
      const { url, log } = await serve({ half: { text, at, close } });
      const model = connect(url);
      const events = await collect(model.stream(REQUEST, never));
      expect(events.at(-1)).toMatchObject({ kind: "failed", error: { status: "unavailable" } });
      expect(events.filter(({ kind }) => kind === "done")).toEqual([]);
      expect(text.startsWith(textOf(events))).toBe(true);
      expect(await model.complete(REQUEST, never)).toMatchObject({ kind: "failed" });
      expect(log()).toHaveLength(2);
    },
  );
});

it("keeps its connection for the next call after a whole answer", async () => {
  const { url } = await serve({ text: "again" });
  const ports = new Set<unknown>();
  const model = connect(url);
  for (let call = 0; call < 3; call += 1) {
    const events = await collect(model.stream(REQUEST, never));
    expect(events.at(-1)?.kind).toBe("done");
    ports.add((await (await fetch(new URL("/_log", url))).json()).at(-1).client_port);
  }
  expect(ports.size).toBe(1);
  expect([...ports]).not.toContain(undefined);
});

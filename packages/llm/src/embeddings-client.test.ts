import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { GEN_AI } from "@forerun/telemetry/names";
import { passThroughTracer, type Tracer } from "@forerun/telemetry/tracing";
import { createNoopMeter } from "@opentelemetry/api";
import { afterEach, describe, expect, it } from "vitest";
import { createEmbeddingsClient, type EmbeddingsClient } from "./embeddings-client.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

type Asked = { model: string; input: string[]; encoding_format: string };
type Answer = { status?: number; body?: unknown; silent?: boolean };

/** A real server with one `/embeddings`; `answer` makes each reply from what was asked. */
async function serve(answer: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse(await readText(request)) as Asked;
    asked.push(body);
    const reply = answer(body);
    if (reply.silent) return;
    response.writeHead(reply.status ?? 200, { "content-type": "application/json" });
    response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

function connect(url: string, more: { dimension?: number; timeoutMs?: number } = {}): EmbeddingsClient {
  const client = createEmbeddingsClient({ url, key: "k", model: "e", timeoutMs: 5_000, ...more });
  opened.push(client);
  return client;
}

const never = new AbortController().signal;

/** A vector that tells its text's length, in reverse order to show that the index counts. */
function lengths({ input }: Asked): Answer {
  const data = input.map((text, index) => ({ index, embedding: [text.length, 1, 0] })).reverse();
  return { body: { data, usage: { prompt_tokens: input.length, total_tokens: input.length } } };
}

describe("an embeddings endpoint", () => {
  it("gets plain floats asked for and gives vectors in the order of the texts", async () => {
    const { url, asked } = await serve(lengths);
    expect(await connect(url, { dimension: 3 }).embed(["one", "three"], never)).toEqual({
      kind: "embedded",
      vectors: [Float32Array.of(3, 1, 0), Float32Array.of(5, 1, 0)],
      inputTokens: 2,
    });
    expect(asked).toEqual([{ model: "e", input: ["one", "three"], encoding_format: "float" }]);
  });

  it("gets many texts in several requests and an empty one as a space", async () => {
    const { url, asked } = await serve(lengths);
    const texts = Array.from({ length: 70 }, (_, index) => "x".repeat(index));
    const outcome = await connect(url).embed(texts, never);
    if (outcome.kind === "failed") throw outcome.error;
    expect(outcome.vectors.map(([length]) => length)).toEqual([1, ...texts.slice(1).map((t) => t.length)]);
    expect(asked).toHaveLength(3);
    expect(outcome.inputTokens).toBe(70);
  });

  it("is told of in the trace that asks, a span a request", async () => {
    const { url } = await serve(lengths);
    const spans: string[] = [];
    const tracer: Tracer = {
      start(name, parent, { attributes } = {}) {
        const span = { ...passThroughTracer.start(name, parent) };
        spans.push(`${parent} > ${name} ${attributes?.[GEN_AI.operation]}`);
        span.setAttributes = (more) => void spans.push(`${more[GEN_AI.inputTokens]} tokens`);
        span.end = (outcome) => void spans.push(`${outcome}`);
        return span;
      },
    };
    const options = { url, key: "k", model: "e", timeoutMs: 5_000 };
    const client = createEmbeddingsClient(options, { meter: createNoopMeter(), tracer });
    opened.push(client);
    await client.embed(["one", "three"], never, "00-trace");
    expect(spans).toEqual(["00-trace > embeddings e embeddings", "2 tokens", "ok"]);
  });

  it("is not asked for nothing", async () => {
    const { url, asked } = await serve(lengths);
    expect(await connect(url).embed([], never)).toMatchObject({ kind: "embedded", vectors: [] });
    expect(asked).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["no JSON", "<html>secret-canary</html>"],
    ["a chat completion", { choices: [] }],
    ["a vector too few", { data: [{ index: 0, embedding: [1, 2, 3] }] }],
    ["a text for a vector", { data: [0, 1].map((index) => ({ index, embedding: "AACAPw==" })) }],
    ["an index twice", { data: [0, 0].map((index) => ({ index, embedding: [1, 2, 3] })) }],
    ["vectors of two sizes", { data: [1, 2].map((n, index) => ({ index, embedding: Array(n).fill(1) })) }],
  ])("that sends %s fails as unreadable, without its words", async (_, body) => {
    const { url } = await serve(() => ({ body }));
    const outcome = await connect(url).embed(["a", "b"], never);
    expect(outcome).toMatchObject({ kind: "failed", error: { code: "FR-E1510", status: "unavailable" } });
    expect(JSON.stringify(outcome)).not.toContain("secret-canary");
  });

  it("that changes its dimension fails, also when it was never told one", async () => {
    let dimension = 2;
    const { url } = await serve(({ input }) => ({
      body: { data: input.map((_, index) => ({ index, embedding: Array(dimension).fill(1) })) },
    }));
    const client = connect(url);
    expect(await client.embed(["a"], never)).toMatchObject({ kind: "embedded" });
    dimension = 3;
    expect(await client.embed(["a"], never)).toMatchObject({ error: { code: "FR-E1510" } });
  });

  it("that fails in passing is asked again", async () => {
    const { url, asked } = await serve((body) => (asked.length === 1 ? { status: 503 } : lengths(body)));
    expect(await connect(url).embed(["a"], never)).toMatchObject({ kind: "embedded" });
    expect(asked).toHaveLength(2);
  });

  it("that refuses or is silent fails as a chat model does", async () => {
    const refusing = await serve(() => ({ status: 401, body: {} }));
    expect(await connect(refusing.url).embed(["a"], never)).toMatchObject({ error: { code: "FR-E1502" } });
    const silent = await serve(() => ({ silent: true }));
    const outcome = await connect(silent.url, { timeoutMs: 50 }).embed(["a"], never);
    expect(outcome).toMatchObject({ error: { code: "FR-E1505", status: "deadline_exceeded" } });
  });

  it("is left when the caller leaves", async () => {
    const { url, asked } = await serve(() => ({ silent: true }));
    const caller = new AbortController();
    const embedded = connect(url).embed(["a"], caller.signal);
    await expect.poll(() => asked.length).toBe(1);
    const reason = new Error("gone");
    caller.abort(reason);
    await expect(embedded).rejects.toBe(reason);
  });
});

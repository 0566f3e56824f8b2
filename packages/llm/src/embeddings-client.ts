import { passThroughTracer } from "@forerun/telemetry/tracing";
import { createNoopMeter } from "@opentelemetry/api";
import { z } from "zod";
import { callEndpoints } from "./call-endpoints.ts";
import { type Connection, type ConnectionOptions, openConnection } from "./connection.ts";
import { Endpoint } from "./endpoint.ts";
import type { ModelFailure } from "./model-call.ts";
import { modelFailure, unreadableEmbeddings } from "./model-errors.ts";
import { type Ended, ModelObserver, type Observation, type Signals } from "./model-observer.ts";
import { readBody } from "./read-body.ts";
import { SilenceTimer } from "./silence-timer.ts";

/** Texts in one request at most: small servers take no more, and answers stay within the limit below. */
const BATCH = 32;
const MAX_BODY_BYTES = 16 << 20;
/** For those who embed outside of a service. */
const SILENT: Signals = { meter: createNoopMeter(), tracer: passThroughTracer };

export type EmbeddingsOptions = ConnectionOptions &
  Readonly<{
    model: string;
    /** Numbers in a vector; undefined takes what the first answer has. */
    dimension?: number;
  }>;

/** Vectors in the order of the texts, as the endpoint made them: not scaled to any length. */
export type Embedded = Readonly<{ kind: "embedded"; vectors: Float32Array[]; inputTokens: number }>;

/** Disposing of it closes its idle connections. */
export type EmbeddingsClient = AsyncDisposable &
  Readonly<{
    /** The model's name at its endpoint. */
    model: string;
    /** All texts or none. Expected failures are outcomes; an abort of `signal` closes the socket and throws its reason. `trace`: W3C context of the span that asks. */
    embed(texts: readonly string[], signal: AbortSignal, trace?: string): Promise<Embedded | ModelFailure>;
  }>;

/**
 * A client of any endpoint with OpenAI's `/embeddings`. Every vector it gives has one dimension. Failures in passing are tried
 * again within `timeoutMs`, and an endpoint that goes on failing is left alone, as for chats. Requests are told to `signals`.
 */
export function createEmbeddingsClient(options: EmbeddingsOptions, signals = SILENT): EmbeddingsClient {
  const connection = openConnection(options);
  const endpoint = new Endpoint(connection);
  const observer = new ModelObserver("embed", signals);
  let { dimension } = options;
  return {
    model: options.model,
    async embed(texts, signal, trace) {
      const vectors: Float32Array[] = [];
      let inputTokens = 0;
      for (let start = 0; start < texts.length; start += BATCH) {
        const batch = texts.slice(start, start + BATCH);
        const ask = () =>
          observed(observer.begin(options.model, trace), embedBatch(connection, options, batch, signal));
        const deadline = performance.now() + options.timeoutMs;
        const outcome = await callEndpoints([endpoint], ask, { signal, deadline });
        observer.called(endOf(outcome));
        if (outcome.kind === "failed") return outcome;
        dimension ??= outcome.vectors[0]?.length;
        const other = outcome.vectors.find((vector) => vector.length !== dimension);
        if (other) return { kind: "failed", error: unreadableEmbeddings() };
        vectors.push(...outcome.vectors);
        inputTokens += outcome.inputTokens;
      }
      return { kind: "embedded", vectors, inputTokens };
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

async function observed(
  observation: Observation,
  answer: Promise<Embedded | ModelFailure>,
): Promise<Embedded | ModelFailure> {
  let ended: Ended;
  try {
    const outcome = await answer;
    observation.heard();
    ended = endOf(outcome);
    return outcome;
  } finally {
    observation.end(ended);
  }
}

function endOf(outcome: Embedded | ModelFailure): Ended {
  if (outcome.kind === "failed") return outcome;
  return { usage: { inputTokens: outcome.inputTokens, cachedTokens: 0, outputTokens: 0, costMicros: 0 } };
}

async function embedBatch(
  { client, bodyOf }: Connection,
  { model, timeoutMs }: EmbeddingsOptions,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Embedded | ModelFailure> {
  signal.throwIfAborted();
  const silence = new SilenceTimer(timeoutMs, signal);
  try {
    // OpenAI refuses an empty text. Floats, because not every server knows base64.
    const input = texts.map((text) => text || " ");
    const call = client.embeddings.create(
      { model, input, encoding_format: "float" },
      { signal: silence.signal },
    );
    const body = bodyOf(await call.asResponse());
    return parseEmbeddings(await readBody(body, silence, MAX_BODY_BYTES), texts.length);
  } catch (fault) {
    signal.throwIfAborted();
    return modelFailure(fault, silence.expired);
  } finally {
    silence[Symbol.dispose]();
  }
}

const embeddingList = z.object({
  data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()).min(1) })),
  usage: z.object({ prompt_tokens: z.int().nonnegative().catch(0) }).nullish(),
});

function parseEmbeddings(body: string, count: number): Embedded {
  const { data, usage } = parseBody(body);
  const byIndex = new Map(data.map(({ index, embedding }) => [index, embedding]));
  const vectors = Array.from({ length: count }, (_, index) => {
    const embedding = byIndex.get(index);
    if (embedding === undefined) throw unreadableEmbeddings();
    return Float32Array.from(embedding);
  });
  return { kind: "embedded", vectors, inputTokens: usage?.prompt_tokens ?? 0 };
}

function parseBody(body: string) {
  try {
    return embeddingList.parse(JSON.parse(body));
  } catch {
    // The parser's message would quote the body.
    throw unreadableEmbeddings();
  }
}

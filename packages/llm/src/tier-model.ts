import { type CallBounds, callEndpoints } from "./call-endpoints.ts";
import type { Endpoint, Outcome } from "./endpoint.ts";
import type { Model } from "./model.ts";
import type { Completion, ModelEvent, ModelRequest } from "./model-call.ts";
import type { Ended, ModelObserver, Observation } from "./model-observer.ts";

/** For whom a model is called, and how long that may take. */
export type ModelCall = Readonly<{
  tenant: string;
  /** W3C context of the span that the call belongs to. */
  traceparent: string | undefined;
  /** Milliseconds until the caller stops waiting; undefined when it sets no end. */
  timeLeftMs: number | undefined;
}>;

/** How long a caller that sets no end is kept waiting for a retry. */
const UNSAID_PATIENCE_MS = 30_000;

type Endpoints = readonly Endpoint<Model>[];

/** One model made of a list of endpoints. Its name is the first one's; an answer tells which of them wrote it. */
export function tierModel(endpoints: Endpoints, observer: ModelObserver, call: ModelCall): Model {
  const deadline = performance.now() + (call.timeLeftMs ?? UNSAID_PATIENCE_MS);
  const begin = (model: Model) => observer.begin(model.name, call.traceparent);
  const tier = { endpoints, observer, begin };
  return {
    name: endpoints[0]?.model.name ?? "",
    contextTokens: leastContext(endpoints),
    complete: (request, signal) => complete(tier, request, { signal, deadline }),
    stream: (request, signal) => stream(tier, request, { signal, deadline }),
  };
}

type Tier = Readonly<{
  endpoints: Endpoints;
  observer: ModelObserver;
  /** Begins to observe one request. */
  begin(model: Model): Observation;
}>;

async function complete(
  { endpoints, observer, begin }: Tier,
  request: ModelRequest,
  bounds: CallBounds,
): Promise<Completion> {
  let completion: Completion | undefined;
  const ask = (model: Model) => completed(model.complete(request, bounds.signal), begin(model));
  try {
    completion = await callEndpoints(endpoints, ask, bounds);
    return completion;
  } finally {
    observer.called(completion);
  }
}

async function completed(answer: Promise<Completion>, observation: Observation): Promise<Completion> {
  let ended: Ended;
  try {
    const completion = await answer;
    if (completion.kind === "completed") observation.heard();
    ended = completion;
    return completion;
  } finally {
    observation.end(ended);
  }
}

async function* stream(
  { endpoints, observer, begin }: Tier,
  request: ModelRequest,
  bounds: CallBounds,
): AsyncGenerator<ModelEvent> {
  let ended: Ended;
  let opened: Outcome<OpenedStream> | undefined;
  const ask = (model: Model) => openStream(model.stream(request, bounds.signal), begin(model));
  try {
    opened = await callEndpoints(endpoints, ask, bounds);
    if (opened.kind === "failed") {
      ended = opened;
      yield opened;
      return;
    }
    // The loop is written out, as a generator of its own would cost every token.
    for (let next = opened.first; !next.done; next = await opened.events.next()) {
      if (next.value.kind === "text") opened.observation.heard();
      else ended = next.value;
      yield next.value;
    }
  } finally {
    if (opened?.kind === "opened") {
      await opened.events.return?.();
      opened.observation.end(ended);
    }
    observer.called(ended);
  }
}

/** A stream that has begun to answer: from here on nothing is repeated. */
type OpenedStream = Readonly<{
  kind: "opened";
  first: IteratorResult<ModelEvent>;
  events: AsyncIterator<ModelEvent>;
  observation: Observation;
}>;

async function openStream(
  stream: AsyncIterable<ModelEvent>,
  observation: Observation,
): Promise<Outcome<OpenedStream>> {
  const events = stream[Symbol.asyncIterator]();
  try {
    const first = await events.next();
    if (first.done || first.value.kind !== "failed") return { kind: "opened", first, events, observation };
    await events.return?.();
    observation.end(first.value);
    return first.value;
  } catch (fault) {
    observation.end(undefined);
    throw fault;
  }
}

/** Whoever fits a prompt to the model does not know which endpoint will answer. */
function leastContext(endpoints: Endpoints): number | undefined {
  const known = endpoints.flatMap(({ model }) => model.contextTokens ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
}

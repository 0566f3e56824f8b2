import { type CallBounds, callEndpoints } from "./call-endpoints.ts";
import type { Asked, Endpoint } from "./endpoint.ts";
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

type Endpoints = readonly Endpoint<Model>[];

/** One model made of a list of endpoints. Its name is the first one's; an answer tells which of them wrote it. */
export function tierModel(endpoints: Endpoints, observer: ModelObserver, call: ModelCall): Model {
  return {
    name: endpoints[0]?.model.name ?? "",
    contextTokens: leastContext(endpoints),
    complete: (request, signal) => complete(endpoints, observer, call, { request, signal }),
    stream: (request, signal) => stream(endpoints, observer, call, { request, signal }),
  };
}

type Asking = Readonly<{ request: ModelRequest; signal: AbortSignal }>;

async function complete(
  endpoints: Endpoints,
  observer: ModelObserver,
  call: ModelCall,
  { request, signal }: Asking,
): Promise<Completion> {
  let completion: Completion | undefined;
  const ask = (model: Model) =>
    completed(model.complete(request, signal), observer.begin(model.name, call.traceparent));
  try {
    completion = await callEndpoints(endpoints, ask, boundsOf(call, signal));
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
  endpoints: Endpoints,
  observer: ModelObserver,
  call: ModelCall,
  { request, signal }: Asking,
): AsyncGenerator<ModelEvent> {
  let ended: Ended;
  let opened: Asked<OpenedStream> | undefined;
  const ask = (model: Model) =>
    openStream(model.stream(request, signal), observer.begin(model.name, call.traceparent));
  try {
    opened = await callEndpoints(endpoints, ask, boundsOf(call, signal));
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
): Promise<Asked<OpenedStream>> {
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

function boundsOf({ timeLeftMs }: ModelCall, signal: AbortSignal): CallBounds {
  return { signal, timeLeftMs };
}

/** Whoever fits a prompt to the model does not know which endpoint will answer. */
function leastContext(endpoints: Endpoints): number | undefined {
  const known = endpoints.flatMap(({ model }) => model.contextTokens ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
}

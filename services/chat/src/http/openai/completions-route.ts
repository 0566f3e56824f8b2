import type { CallOptions, Client } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { serverFull } from "../../rpc/refusals.ts";
import { openEventStream, writeEvent } from "../event-stream.ts";
import { type Exchange, sendJson } from "../exchange.ts";
import type { HttpFrontDeps } from "../front.ts";
import { peek } from "../peek.ts";
import { readBody, requireJson } from "../request-body.ts";
import { callOptions } from "../request-options.ts";
import type { Handler } from "../routes.ts";
import { parseStrictJson } from "../strict-json.ts";
import { completionJson } from "./completion.ts";
import { completionChunks } from "./completion-chunks.ts";
import { type CompletionRequest, completionRequest } from "./completion-request.ts";
import { completionTurn } from "./completion-turn.ts";
import { toOpenAiError } from "./openai-error.ts";
import { noSuchModel } from "./refusal.ts";

/** POST /v1/chat/completions. */
export function completionsHandler(deps: HttpFrontDeps): Handler {
  return async (exchange) => {
    const caller = await deps.authenticate(exchange.request);
    if (deps.isFull(caller)) throw serverFull();
    requireJson(exchange.request);
    const body = await readBody(exchange.request, deps.limits.bodyBytes);
    const request = completionRequest(parseStrictJson(body, deps.limits.jsonDepth));
    if (!deps.models().some(({ id }) => id === request.model)) throw noSuchModel(request.model);
    const input = completionTurn(request, idempotencyKey(exchange));
    const options = callOptions(exchange, caller);
    if (request.stream) return streamCompletion(deps, exchange, request, events(deps.chat, input, options));
    const { turn } = await deps.chat.ask({ input }, options);
    if (turn) sendJson(exchange, 200, completionJson(turn, request.model));
  };
}

function idempotencyKey({ request }: Exchange): string {
  const key = request.headers["idempotency-key"];
  return typeof key === "string" ? key : "";
}

async function streamCompletion(
  deps: HttpFrontDeps,
  exchange: Exchange,
  { model, stream_options }: CompletionRequest,
  source: AsyncIterable<TurnEvent>,
): Promise<void> {
  const { response, signal } = exchange;
  const includeUsage = stream_options?.include_usage ?? false;
  const chunks = await peek(completionChunks(source, { model, includeUsage }));
  openEventStream(response);
  try {
    for await (const chunk of chunks) await writeEvent(response, { data: JSON.stringify(chunk) }, signal);
    await writeEvent(response, { data: "[DONE]" }, signal);
  } catch (thrown) {
    if (signal.aborted || response.destroyed) return;
    // Without [DONE], so that a client which overlooks the error still sees that the stream is not whole.
    const { body } = toOpenAiError(thrown, deps.log);
    await writeEvent(response, { data: JSON.stringify(body) }, signal);
  }
  response.end();
}

async function* events(
  chat: Client<typeof ChatService>,
  input: TurnInput,
  options: CallOptions,
): AsyncGenerator<TurnEvent> {
  for await (const { event } of chat.chat({ input }, options)) if (event) yield event;
}

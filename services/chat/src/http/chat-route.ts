import type { CallOptions, Client } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { Turn, TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { serverFull } from "../rpc/refusals.ts";
import { errorJson } from "./error-json.ts";
import { openEventStream, writeEvent } from "./event-stream.ts";
import { type Exchange, sendJson } from "./exchange.ts";
import type { HttpFrontDeps } from "./front.ts";
import { toHttpError } from "./http-error.ts";
import { peek } from "./peek.ts";
import { readBody, requireJson } from "./request-body.ts";
import { callOptions } from "./request-options.ts";
import { type ResumePoint, resumePoint } from "./resume.ts";
import type { Handler } from "./routes.ts";
import { parseStrictJson } from "./strict-json.ts";
import { turnInputFromJson } from "./turn-input-json.ts";
import { isTerminal, turnJson, turnServerSentEvent } from "./turn-json.ts";

type ChatClient = Client<typeof ChatService>;

/** POST /chat: a turn as JSON when it has ended, or its events as they happen. */
export function chatHandler(deps: HttpFrontDeps): Handler {
  return async (exchange) => {
    const caller = await deps.authenticate(exchange.request);
    // Who resumes a turn adds none.
    if (!exchange.request.headers["last-event-id"] && deps.isFull(caller)) throw serverFull();
    requireJson(exchange.request);
    const body = await readBody(exchange.request, deps.limits.bodyBytes);
    const input = turnInputFromJson(parseStrictJson(body, deps.limits.jsonDepth));
    if (wantsEvents(exchange)) return streamTurn(deps, exchange, input, callOptions(exchange, caller));
    const options = callOptions(exchange, caller, input.limits?.deadlineMs);
    const { turn } = await deps.chat.ask({ input }, options);
    sendJson(exchange, 200, turnJson(present(turn)));
  };
}

function wantsEvents({ request }: Exchange): boolean {
  return (request.headers.accept ?? "").toLowerCase().includes("text/event-stream");
}

async function streamTurn(
  { chat, log }: HttpFrontDeps,
  exchange: Exchange,
  input: TurnInput,
  options: CallOptions,
): Promise<void> {
  const { request, response, signal } = exchange;
  const lastEventId = request.headers["last-event-id"];
  const from = resumePoint(Array.isArray(lastEventId) ? lastEventId[0] : lastEventId, input.idempotencyKey);
  const events = await peek(eventsOf(chat, input, from, options));
  openEventStream(response);
  try {
    for await (const event of events) {
      await writeEvent(response, turnServerSentEvent(event), signal);
      if (isTerminal(event)) break;
    }
  } catch (thrown) {
    if (signal.aborted || response.destroyed) return;
    // The status is sent: the same error as an event. It is none of the turn, so readers of turn events pass it over.
    const data = JSON.stringify(errorJson(toHttpError(thrown, log)));
    await writeEvent(response, { event: "error", data }, signal);
  }
  response.end();
}

/** From the start, or after a place in the turn that the same request began before. */
async function* eventsOf(
  chat: ChatClient,
  input: TurnInput,
  resumeAfter: ResumePoint | undefined,
  options: CallOptions,
): AsyncGenerator<TurnEvent> {
  const request = { input, ...(resumeAfter && { resumeAfter }) };
  for await (const { event } of chat.chat(request, options)) if (event) yield event;
}

function present(turn: Turn | undefined): Turn {
  if (turn) return turn;
  throw new ForerunError("FR-E1304", "internal", "the turn is missing from the answer", "Report this.");
}

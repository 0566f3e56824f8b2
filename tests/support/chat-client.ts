import type { Client } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { createMeshClient } from "@forerun/rpc/client";

export type ChatClient = Client<typeof ChatService>;

/** A typed client over Connect, as a program outside would make it. */
export function chatClient(http: string): ChatClient {
  return createMeshClient(ChatService, createConnectTransport({ baseUrl: http, httpVersion: "1.1" }));
}

/** The same over gRPC; `address` is host:port. */
export function grpcChatClient(address: string): ChatClient {
  return createMeshClient(ChatService, createGrpcTransport({ baseUrl: `http://${address}` }));
}

/** The events of a stream of responses; heartbeats are left out. */
export async function* eventsOf(
  responses: AsyncIterable<{ event?: TurnEvent | undefined }>,
): AsyncGenerator<TurnEvent> {
  for await (const { event } of responses) if (event && event.event.case !== "heartbeat") yield event;
}

/** All of them, to the end of the stream. */
export async function allEvents(
  responses: AsyncIterable<{ event?: TurnEvent | undefined }>,
): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of eventsOf(responses)) events.push(event);
  return events;
}

const TERMINAL: ReadonlySet<string | undefined> = new Set([
  "turnCompleted",
  "turnIncomplete",
  "turnFailed",
  "turnCancelled",
]);

export function isTerminal({ event }: TurnEvent): boolean {
  return TERMINAL.has(event.case);
}

/** The answer as far as the events tell it. */
export function textOf(events: readonly TurnEvent[]): string {
  return events.map(({ event }) => (event.case === "outputTextDelta" ? event.value.text : "")).join("");
}

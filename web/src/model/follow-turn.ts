import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { TurnInputSchema } from "@forerun/contracts/forerun/chat/v1/turn_pb";

export type ChatClient = Client<typeof ChatService>;

/** Where to begin: with a new turn, or with one that the server already has. */
export type Start =
  | { input: MessageInitShape<typeof TurnInputSchema> }
  | { turnId: string; epoch: number; sequence: number };

type Options = {
  signal: AbortSignal;
  /** Told whether events flow. */
  connected: (flowing: boolean) => void;
  /** Waits before the next try; rejects when the signal aborts. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
};

const MOST_TRIES = 10;

/**
 * The turn's events up to the terminal one, over as many connections as it takes. Before the server has accepted the turn the
 * same input is sent again, which its idempotency key makes safe; afterwards the stream is taken up behind the last event seen.
 */
export async function* followTurn(
  client: ChatClient,
  start: Start,
  { signal, connected, pause }: Options,
): AsyncGenerator<TurnEvent> {
  let place = start;
  for (let tries = 0; ; tries++) {
    try {
      for await (const event of open(client, place, signal)) {
        tries = 0;
        connected(true);
        place = after(place, event);
        yield event;
        if (TERMINAL.has(event.event.case ?? "")) return;
        if (event.event.case === "goAway") break;
      }
    } catch (thrown) {
      if (signal.aborted || !mayPass(thrown) || tries >= MOST_TRIES) throw thrown;
    }
    connected(false);
    await pause(Math.min(8_000, 250 * 2 ** tries), signal);
  }
}

const TERMINAL: ReadonlySet<string> = new Set([
  "turnCompleted",
  "turnIncomplete",
  "turnFailed",
  "turnCancelled",
]);

async function* open(client: ChatClient, place: Start, signal: AbortSignal): AsyncGenerator<TurnEvent> {
  const stream =
    "input" in place
      ? client.chat(place, { signal })
      : client.streamTurn(
          { turnId: place.turnId, afterSequence: place.sequence, epoch: place.epoch },
          { signal },
        );
  for await (const { event } of stream) if (event) yield event;
}

/** Events without a sequence (heartbeats, snapshots) are no place in the log. */
function after(place: Start, { turnId, epoch, sequence }: TurnEvent): Start {
  if (sequence > 0) return { turnId, epoch, sequence };
  return "input" in place && turnId ? { turnId, epoch: 0, sequence: 0 } : place;
}

/** A broken connection and a server that is going away pass; a refusal does not. */
function mayPass(thrown: unknown): boolean {
  const { code } = ConnectError.from(thrown);
  return (
    code === Code.Unavailable || code === Code.Unknown || code === Code.Aborted || code === Code.Canceled
  );
}

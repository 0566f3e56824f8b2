import { setTimeout as delay } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { TurnInputSchema } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { Reach } from "./reach.ts";

/** Longest turn there can be is an hour; the server's own deadline is usually far below. */
const TURN_MS = 3_600_000;
const CANCEL_MS = 10_000;
/** How long a person who wants to leave waits for the id of the turn to cancel. */
const SILENCE_MS = 1_000;
const REATTACH_PAUSES_MS = [100, 400, 1_600, 3_200];

/**
 * Runs a turn and yields its events, each once, until the terminal one. A connection that breaks is made again at the place it
 * broke. When `interrupt` aborts, the turn is cancelled on the server and its last events still come.
 */
export async function* runTurn(
  reach: Reach,
  input: MessageInitShape<typeof TurnInputSchema>,
  interrupt: AbortSignal,
): AsyncGenerator<TurnEvent> {
  const follower = new TurnFollower(reach);
  const stop = () => follower.cancel();
  interrupt.addEventListener("abort", stop, { once: true });
  if (interrupt.aborted) stop();
  try {
    yield* follower.follow(input);
  } finally {
    interrupt.removeEventListener("abort", stop);
    await follower.settle();
  }
}

class TurnFollower {
  readonly #reach: Reach;
  readonly #gone = new AbortController();
  #place = { turnId: "", epoch: 0, sequence: 0 };
  #cancelAsked = false;
  #cancelled: Promise<void> = Promise.resolve();
  #silence: NodeJS.Timeout | undefined;

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** Cancels the turn; one whose id has not come yet, as soon as it comes, and a server that stays silent is left. */
  cancel(): void {
    this.#cancelAsked = true;
    clearTimeout(this.#silence);
    if (this.#place.turnId) this.#cancelled = this.#cancelTurn();
    else this.#silence = setTimeout(() => this.#gone.abort(), SILENCE_MS);
  }

  /** To be called when nothing is followed any more. */
  async settle(): Promise<void> {
    clearTimeout(this.#silence);
    await this.#cancelled;
  }

  async *follow(input: MessageInitShape<typeof TurnInputSchema>): AsyncGenerator<TurnEvent> {
    let stream: AsyncIterable<{ event?: TurnEvent | undefined }> = this.#reach.chat.chat(
      { input },
      this.#options(),
    );
    for (const pause of [...REATTACH_PAUSES_MS, undefined]) {
      try {
        for await (const { event } of stream) {
          if (!event) continue;
          if (event.event.case === "goAway") break;
          this.#note(event);
          yield event;
          if (isTerminal(event)) return;
        }
      } catch (fault) {
        if (pause === undefined || !this.#mayReattach(fault)) throw fault;
      }
      await delay(pause);
      const { turnId, epoch, sequence } = this.#place;
      stream = this.#reach.chat.streamTurn({ turnId, epoch, afterSequence: sequence }, this.#options());
    }
    throw new ConnectError("the turn's events ended before the turn did", Code.Unavailable);
  }

  #options() {
    return { ...this.#reach.callerOptions(), timeoutMs: TURN_MS, signal: this.#gone.signal };
  }

  #note(event: TurnEvent): void {
    const first = this.#place.turnId === "";
    this.#place.turnId = event.turnId;
    if (event.sequence > 0)
      this.#place = { turnId: event.turnId, epoch: event.epoch, sequence: event.sequence };
    if (first && this.#cancelAsked) this.cancel();
  }

  #mayReattach(fault: unknown): boolean {
    return this.#place.turnId !== "" && ConnectError.from(fault).code === Code.Unavailable;
  }

  async #cancelTurn(): Promise<void> {
    try {
      await this.#reach.chat.cancelTurn(
        { turnId: this.#place.turnId },
        { ...this.#reach.callerOptions(), timeoutMs: CANCEL_MS, signal: this.#gone.signal },
      );
    } catch {
      // The server is gone or deaf: nothing more can be asked of it, and the person wants to leave.
      this.#gone.abort();
    }
  }
}

export function isTerminal({ event }: TurnEvent): boolean {
  switch (event.case) {
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return true;
    default:
      return false;
  }
}

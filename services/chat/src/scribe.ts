import { applyEvent } from "./fold-turn.ts";
import type { Pace, TurnLease, TurnLog } from "./ports.ts";
import type { Ending, Turn } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";

/** Another epoch owns the turn or it has ended: whoever meets this stops at once and writes nothing more. */
export class Fenced extends Error {
  override readonly name = "Fenced";
}

/** Events that may be on their way to the log before the writer has to wait. */
const MAX_IN_FLIGHT = 64;

/** Writes one turn's events and knows the turn they amount to. */
export class Scribe {
  #turn: Turn;
  readonly #lease: TurnLease;
  readonly #log: TurnLog;
  readonly #inFlight = new Set<Promise<unknown>>();
  #fault: unknown;

  constructor(lease: TurnLease, log: TurnLog, turn: Turn) {
    this.#lease = lease;
    this.#log = log;
    this.#turn = turn;
  }

  get turn(): Turn {
    return this.#turn;
  }

  /** Resolves when the events are durable: await it before a side effect that they announce. */
  async record(...events: TurnEventBody[]): Promise<void> {
    return this.#append(events, "now");
  }

  /** Queues events and resolves when the next ones may follow, which is at once unless the log falls behind. */
  async stream(pace: Pace, ...events: TurnEventBody[]): Promise<void> {
    const written = this.#append(events, pace);
    const settled = written.catch((fault: unknown) => {
      this.#fault ??= fault;
    });
    this.#inFlight.add(settled);
    void settled.finally(() => this.#inFlight.delete(settled));
    if (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight);
    this.#throwFault();
  }

  /** The terminal event, once. The log writes it together with what was streamed and still waits. */
  async finish(ending: Ending, endTime: Date): Promise<Turn> {
    this.#throwFault();
    const turn: Turn = { ...this.#turn, ...endingFields(ending), endTime };
    if ((await this.#log.finish(this.#lease, turn)) === "fenced") throw new Fenced();
    this.#turn = turn;
    return turn;
  }

  async #append(events: readonly TurnEventBody[], pace: Pace): Promise<void> {
    this.#throwFault();
    for (const event of events) this.#turn = applyEvent(this.#turn, event);
    if ((await this.#log.append(this.#lease, events, pace)) === "fenced") throw new Fenced();
  }

  #throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}

function endingFields(ending: Ending): Pick<Turn, "state" | "reason" | "errorCode" | "retryable"> {
  const none = { reason: "", errorCode: "", retryable: false };
  switch (ending.state) {
    case "completed":
      return { ...none, state: ending.state };
    case "incomplete":
    case "cancelled":
      return { ...none, state: ending.state, reason: ending.reason };
    case "failed":
      return { ...ending };
    default:
      return ending satisfies never;
  }
}

import type { BusMessage, RequestOptions, RequestOutcome } from "./bus.ts";
import { closedError } from "./message-rules.ts";
import type { Subject } from "./subject.ts";

type Waiting = { heard(message: BusMessage): void; closed(): void };

/** Requests that wait for their answers, told apart by where the answer goes. */
export class PendingRequests {
  readonly #replyTo: (request: number) => Subject;
  readonly #waiting = new Map<Subject, Waiting>();
  #count = 0;

  constructor(replyTo: (request: number) => Subject) {
    this.#replyTo = replyTo;
  }

  /** Sends a request and waits for the first answer; what `send` throws is thrown. */
  ask(
    send: (reply: Subject) => void,
    { timeoutMs, signal }: Pick<RequestOptions, "timeoutMs" | "signal">,
  ): Promise<RequestOutcome> {
    this.#count += 1;
    const reply = this.#replyTo(this.#count);
    return new Promise((resolve, reject) => {
      const over = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        this.#waiting.delete(reply);
      };
      const end = (outcome: RequestOutcome) => {
        over();
        resolve(outcome);
      };
      const fail = (fault: unknown) => {
        over();
        reject(fault);
      };
      const stop = () => fail(signal.reason);
      const timer = setTimeout(end, timeoutMs, { kind: "timeout" });
      signal.addEventListener("abort", stop, { once: true });
      this.#waiting.set(reply, {
        heard: (message) => end(outcomeOf(message)),
        closed: () => fail(closedError()),
      });
      try {
        send(reply);
      } catch (fault) {
        fail(fault);
      }
    });
  }

  /** An answer; one that nobody waits for any more is left. */
  hear(message: BusMessage): void {
    this.#waiting.get(message.subject)?.heard(message);
  }

  /** No answer will come any more. */
  close(): void {
    for (const { closed } of [...this.#waiting.values()]) closed();
  }
}

function outcomeOf(message: BusMessage): RequestOutcome {
  return message.noResponders ? { kind: "no_responders" } : { kind: "reply", message };
}

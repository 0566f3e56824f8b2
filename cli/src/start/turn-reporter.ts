import { readTimeline, readTurn, type TurnSource } from "../read-turn.ts";
import type { Terminal } from "../terminal.ts";
import { turnLine } from "./turn-line.ts";

/** Prints one line for each turn that ends while a person watches. */
export class TurnReporter {
  readonly #terminal: Terminal;
  #source: TurnSource | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Begins to report; until then, and in a process nobody watches, turns pass in silence. */
  follow(source: TurnSource): void {
    this.#source = source;
  }

  ended(turnId: string): void {
    if (!this.#source) return;
    this.#report(this.#source, turnId).catch((fault: unknown) => {
      this.#terminal.say(`  ${turnId.slice(0, 13)}  ended, and could not be read: ${String(fault)}`);
    });
  }

  async #report(source: TurnSource, turnId: string): Promise<void> {
    const found = await readTurn(source, turnId);
    if (found) this.#terminal.result(turnLine(found.turn, readTimeline(found), new Date()));
  }
}

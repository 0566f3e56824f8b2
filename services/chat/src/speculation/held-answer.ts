import type { AnswerStep } from "../collaborators.ts";
import { NO_USAGE, type Usage } from "../turn.ts";

/** Characters of an answer that are held back; its stream is not read beyond them before it is released. */
const MOST_HELD = 64 * 1024;

const ONE_CALL: Usage = { ...NO_USAGE, modelCalls: 1 };

/** An answer that is being written and that nobody may see yet. */
export class HeldAnswer {
  readonly #steps: AsyncIterator<AnswerStep>;
  readonly #work: Disposable;
  readonly #held: AnswerStep[] = [];
  readonly #holding: Promise<void>;
  #characters = 0;
  #released = false;
  #over = false;
  #fault: { cause: unknown } | undefined;

  /** Disposing of `work` ends the stream of steps. */
  constructor(steps: AsyncIterable<AnswerStep>, work: Disposable) {
    this.#steps = steps[Symbol.asyncIterator]();
    this.#work = work;
    this.#holding = this.#hold();
  }

  /** Writing it has failed already. */
  get failed(): boolean {
    return this.#fault !== undefined;
  }

  /** What is held, then the rest as it comes. Leaving the loop ends the stream. */
  async *release(): AsyncGenerator<AnswerStep> {
    this.#released = true;
    try {
      yield* this.#held.splice(0);
      await this.#holding;
      yield* this.#held.splice(0);
      if (this.#fault) throw this.#fault.cause;
      while (!this.#over) {
        const { done, value } = await this.#steps.next();
        if (done) return;
        yield value;
      }
    } finally {
      this.#end();
    }
  }

  /** Throws it away at once. Gives what it has used, as far as that is known: a stopped one does not tell its tokens. */
  discard(): Usage {
    this.#end();
    const { modelCalls, ...used } = this.#held.find((step) => step.kind === "done")?.usage ?? ONE_CALL;
    return { ...used, modelCalls: 0, discardedModelCalls: used.discardedModelCalls + modelCalls };
  }

  /** Stops the stream, also one that nobody was reading. */
  #end(): void {
    this.#work[Symbol.dispose]();
    this.#steps.return?.().catch(() => {});
  }

  async #hold(): Promise<void> {
    try {
      while (!this.#released && this.#characters < MOST_HELD) {
        const { done, value } = await this.#steps.next();
        if (done) {
          this.#over = true;
          return;
        }
        if (value.kind === "text") this.#characters += value.text.length;
        this.#held.push(value);
      }
    } catch (cause) {
      this.#fault = { cause };
    }
  }
}

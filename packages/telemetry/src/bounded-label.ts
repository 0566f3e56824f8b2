/** What stands for all values that are not told apart. */
export const OTHER = "other";

/**
 * Keeps the values of a label few, where they are names that a model or a client may make up: a value is told by its name once it
 * has been admitted, and only so many are.
 */
export class BoundedLabel {
  readonly #most: number;
  readonly #admitted = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The value is a real one. Beyond `most` of them it stays "other". */
  admit(value: string): void {
    if (this.#admitted.size < this.#most) this.#admitted.add(value);
  }

  of(value: string): string {
    return this.#admitted.has(value) ? value : OTHER;
  }
}

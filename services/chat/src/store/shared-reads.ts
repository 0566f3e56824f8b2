/** Reads that are under way: those who want the same at the same moment wait for one, so that a crowd of readers costs as much as one. */
export class SharedReads<T> {
  readonly #underWay = new Map<string, Promise<T>>();

  /** What it gives may have been read a little before it was asked for. */
  of(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#underWay.get(key);
    if (known) return known;
    const reading = read().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, reading);
    return reading;
  }
}

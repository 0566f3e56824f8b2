import { wilsonBounds } from "./wilson.ts";

const WINDOW = 200;

/** The latest audits: how often the model decided as tier 0 would have. */
export class AgreementWindow {
  readonly #agreed: boolean[] = [];

  record(agreed: boolean): void {
    this.#agreed.push(agreed);
    if (this.#agreed.length > WINDOW) this.#agreed.shift();
  }

  /** So few agree that the promise, with 95 % confidence, is not kept. */
  contradicts(promised: number): boolean {
    const count = this.#agreed.length;
    const share = this.#agreed.filter(Boolean).length / Math.max(1, count);
    return wilsonBounds(share, count).upper < promised;
  }
}

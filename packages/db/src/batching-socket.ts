import { Socket } from "node:net";

/**
 * A socket that sends what is written in one go as one piece. pg writes each statement by itself; a write costs as much as
 * a small statement, and wakes the server once more.
 */
export class BatchingSocket extends Socket {
  #gathering = false;

  // The overloads of `write` differ in arguments that are only handed on.
  override write(...args: unknown[]): boolean {
    if (!this.#gathering) {
      this.#gathering = true;
      this.cork();
      process.nextTick(() => {
        this.#gathering = false;
        this.uncork();
      });
    }
    return super.write(...(args as Parameters<Socket["write"]>));
  }
}

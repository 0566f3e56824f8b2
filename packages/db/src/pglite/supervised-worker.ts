import type { Worker } from "node:worker_threads";

/** A thread that answers with messages and dies only when it is told to; anything else is reported once. */
export class SupervisedWorker {
  readonly #worker: Worker;
  readonly #waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  #death: Error | undefined;
  #stopping = false;

  constructor(worker: Worker, onDeath: (error: Error) => void) {
    this.#worker = worker;
    const die = (error: Error) => {
      if (this.#death) return;
      this.#death = error;
      // Who waits for an answer learns it that way.
      const waiting = [...this.#waiting.values()];
      for (const { reject } of waiting) reject(error);
      if (waiting.length === 0 && !this.#stopping) onDeath(error);
    };
    worker.on("error", (error) => die(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", (code) => die(new Error(`the store's thread ended with code ${code}`)));
    worker.on("message", (message: string) => this.#waiting.get(message)?.resolve());
  }

  /** Waits for a message; rejects when the thread dies before it. */
  async heard(message: string): Promise<void> {
    if (this.#death) throw this.#death;
    try {
      await new Promise<void>((resolve, reject) => this.#waiting.set(message, { resolve, reject }));
    } finally {
      this.#waiting.delete(message);
    }
  }

  /** Asks it to end, waits until it has, and makes sure of it. A dead thread is let be. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#death) return;
    const done = this.heard("done").catch(() => undefined);
    this.#worker.postMessage("stop");
    await done;
    await this.#worker.terminate();
  }
}

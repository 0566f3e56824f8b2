import type { Worker } from "node:worker_threads";
import { startTypescriptWorker } from "@forerun/runtime/typescript-worker";
import type { Evaluation } from "./restricted-math.ts";

export type BoundedEvaluation =
  | Evaluation
  | { kind: "exceeded"; limit: "time" | "memory" }
  | { kind: "stopped" };

type Limits = Readonly<{ timeMs: number; memoryMb: number }>;

/** Evaluates expressions in a thread of its own, one at a time, and ends the thread when one takes too much. */
export class ExpressionEvaluator implements AsyncDisposable {
  readonly #limits: Limits;
  #worker: Promise<Worker> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(limits: Limits = { timeMs: 750, memoryMb: 96 }) {
    this.#limits = limits;
  }

  /** Starts the thread before it is needed. */
  warm(): void {
    this.#start().catch(() => {});
  }

  evaluate(expression: string, signal: AbortSignal): Promise<BoundedEvaluation> {
    const turn = this.#queue.then(() => this.#evaluate(expression, signal));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #evaluate(expression: string, signal: AbortSignal): Promise<BoundedEvaluation> {
    if (signal.aborted) return { kind: "stopped" };
    const worker = await this.#start();
    // An idle thread must not keep the process alive, a busy one must.
    worker.ref();
    const evaluation = await this.#ask(worker, expression, signal);
    worker.unref();
    if (evaluation.kind === "exceeded" || evaluation.kind === "stopped") await this.#end();
    return evaluation;
  }

  async #ask(worker: Worker, expression: string, signal: AbortSignal): Promise<BoundedEvaluation> {
    const release = new AbortController();
    const answer = new Promise<BoundedEvaluation>((resolve) => {
      const timer = setTimeout(() => resolve({ kind: "exceeded", limit: "time" }), this.#limits.timeMs);
      release.signal.addEventListener("abort", () => clearTimeout(timer));
      worker.once("message", resolve);
      // The only way such a thread fails is by its memory limit.
      worker.once("error", () => resolve({ kind: "exceeded", limit: "memory" }));
      signal.addEventListener("abort", () => resolve({ kind: "stopped" }), { signal: release.signal });
      worker.postMessage(expression);
    });
    const evaluation = await answer;
    release.abort();
    worker.removeAllListeners("message").removeAllListeners("error");
    return evaluation;
  }

  #start(): Promise<Worker> {
    this.#worker ??= startWorker(this.#limits.memoryMb);
    return this.#worker;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.then((started) => started.terminate()).catch(() => {});
  }
}

function startWorker(memoryMb: number): Promise<Worker> {
  const worker = startTypescriptWorker(new URL("./worker.ts", import.meta.url), undefined, {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
  });
  worker.unref();
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", () => {
      worker.off("error", reject);
      resolve(worker);
    });
  });
}

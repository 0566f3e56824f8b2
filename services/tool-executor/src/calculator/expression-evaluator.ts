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
  #thread: Thread | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(limits: Limits = { timeMs: 2_000, memoryMb: 96 }) {
    this.#limits = limits;
  }

  /** Starts the thread before it is needed. */
  warm(): void {
    this.#start();
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
    const { worker, ready } = this.#start();
    // An idle thread must not keep the process alive, a busy one must.
    worker.ref();
    await ready;
    const evaluation = await this.#ask(worker, expression, signal);
    worker.unref();
    if (evaluation.kind === "exceeded" || evaluation.kind === "stopped") {
      await this.#end();
      this.warm();
    }
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

  #start(): Thread {
    if (this.#thread) return this.#thread;
    const thread = startThread(this.#limits.memoryMb);
    this.#thread = thread;
    thread.ready.catch(() => {
      if (this.#thread === thread) this.#thread = undefined;
    });
    return thread;
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.worker.terminate();
  }
}

/** `ready` rejects when the thread ends before it could answer anything. */
type Thread = { worker: Worker; ready: Promise<void> };

function startThread(memoryMb: number): Thread {
  const worker = startTypescriptWorker(new URL("./worker.ts", import.meta.url), undefined, {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
  });
  worker.unref();
  const ready = new Promise<void>((resolve, reject) => {
    const onExit = () => reject(new Error("the calculator's thread ended before it began"));
    worker.once("error", reject).once("exit", onExit);
    worker.once("message", () => {
      worker.off("error", reject).off("exit", onExit);
      resolve();
    });
  });
  return { worker, ready };
}

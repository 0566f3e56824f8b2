import type { Worker } from "node:worker_threads";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { startTypescriptWorker } from "@forerun/runtime/typescript-worker";
import type { Embedder } from "../embedder.ts";
import { type EmbedJob, shortestFirst } from "./shortest-first.ts";
import type { Failure, FromThread } from "./worker.ts";

type Job = EmbedJob &
  Readonly<{ resolve: (vectors: Float32Array[]) => void; reject: (fault: unknown) => void }>;

/** Runs a sentence model of a local folder in a thread of its own, one text at a time. */
export class LocalEmbedder implements Embedder, AsyncDisposable {
  readonly id: string;
  readonly dimension: number;
  readonly #worker: Worker;
  readonly #waiting = new Set<Job>();
  /** The job whose text the thread is at; one given up stays here until the thread has answered. */
  #running: Job | undefined;
  #ended: Error | undefined;

  private constructor(worker: Worker, facts: Readonly<{ id: string; dimension: number }>) {
    this.id = facts.id;
    this.dimension = facts.dimension;
    this.#worker = worker;
    worker.on("message", (message: FromThread) => this.#answered(message));
    worker.once("error", (fault) => this.#end(threadFailure(fault)));
    worker.once("exit", (code) => this.#end(threadFailure(`exit code ${code}`)));
    // An idle thread must not keep the process alive, a busy one must.
    worker.unref();
  }

  /** Loads the model. Throws FR-E1520 without the runtime, FR-E1521 for a folder that holds no model. */
  static async open(folder: string): Promise<LocalEmbedder> {
    const worker = startTypescriptWorker(new URL("./worker.ts", import.meta.url), folder);
    const first = await firstMessage(worker);
    if (first.kind === "ready") return new LocalEmbedder(worker, first);
    await worker.terminate();
    throw first.kind === "failed" ? toError(first.failure) : new Error("a vector before the model was ready");
  }

  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal.aborted) return Promise.reject(signal.reason);
    if (texts.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const giveUp = () => this.#settle(job, () => reject(signal.reason));
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener("abort", giveUp);
          settle(value);
        };
      const job: Job = { texts, vectors: [], resolve: settled(resolve), reject: settled(reject) };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.add(job);
      this.#next();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new Error("the embedder is closed"));
    await this.#worker.terminate();
  }

  #next(): void {
    // An ending thread has to keep the process alive until it has ended.
    if (this.#running !== undefined || this.#ended !== undefined) return;
    const job = shortestFirst(this.#waiting);
    if (job === undefined) {
      this.#worker.unref();
      return;
    }
    this.#running = job;
    this.#worker.ref();
    this.#worker.postMessage(job.texts[job.vectors.length]);
  }

  #answered(message: FromThread): void {
    const job = this.#running;
    this.#running = undefined;
    if (job !== undefined && this.#waiting.has(job)) this.#take(job, message);
    this.#next();
  }

  #take(job: Job, message: FromThread): void {
    if (message.kind === "vector") job.vectors.push(message.vector);
    if (message.kind === "failed") this.#settle(job, () => job.reject(toError(message.failure)));
    else if (job.vectors.length === job.texts.length) this.#settle(job, () => job.resolve(job.vectors));
  }

  #settle(job: Job, settle: () => void): void {
    this.#waiting.delete(job);
    settle();
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const job of this.#waiting) this.#settle(job, () => job.reject(reason));
  }
}

function firstMessage(worker: Worker): Promise<FromThread> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error("the embedder's thread ended before its model was read"));
    worker.once("error", reject).once("exit", onExit);
    worker.once("message", (message: FromThread) => {
      worker.off("error", reject).off("exit", onExit);
      resolve(message);
    });
  });
}

function threadFailure(cause: unknown): ForerunError {
  return new ForerunError(
    "FR-E1522",
    "unavailable",
    "the embedding model's thread ended",
    "start again; see docs/errors/FR-E1522.md",
    { cause },
  );
}

function toError({ code, status, message, fix }: Failure): ForerunError {
  return new ForerunError(code, status, message, fix);
}

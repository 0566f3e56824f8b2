/** The thread of a local embedder: loads the model in `workerData`, then turns each text it is sent into a vector. */
import { parentPort, workerData } from "node:worker_threads";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { loadSentenceModel, type SentenceModel } from "./sentence-model.ts";

export type Failure = Pick<ForerunError, "code" | "status" | "message" | "fix">;

/** The first message is "ready" or "failed"; after it each text gets "vector" or "failed", in order. */
export type FromThread =
  | Readonly<{ kind: "ready"; id: string; dimension: number }>
  | Readonly<{ kind: "vector"; vector: Float32Array<ArrayBuffer> }>
  | Readonly<{ kind: "failed"; failure: Failure }>;

function tell(message: FromThread): void {
  parentPort?.postMessage(message, message.kind === "vector" ? [message.vector.buffer] : []);
}

function failureOf(fault: unknown): Failure {
  if (fault instanceof ForerunError) {
    const { code, status, message, fix } = fault;
    return { code, status, message, fix };
  }
  return {
    code: "FR-E1522",
    status: "internal",
    message: `the embedding model failed: ${String(fault)}`,
    fix: "see docs/errors/FR-E1522.md",
  };
}

async function answer(model: SentenceModel, text: string): Promise<void> {
  try {
    tell({ kind: "vector", vector: new Float32Array(await model.embed(text)) });
  } catch (fault) {
    tell({ kind: "failed", failure: failureOf(fault) });
  }
}

try {
  const model = await loadSentenceModel(String(workerData));
  parentPort?.on("message", (text: string) => void answer(model, text));
  tell({ kind: "ready", id: model.id, dimension: model.dimension });
} catch (fault) {
  tell({ kind: "failed", failure: failureOf(fault) });
}

import { createRequire } from "node:module";
import { ForerunError } from "@forerun/runtime/forerun-error";

/** The part of onnxruntime-node that is used; the package is no dependency, so that its types are not there either. */
export type OnnxRuntime = Readonly<{
  Tensor: new (type: "int64", data: BigInt64Array, shape: readonly number[]) => OnnxTensor;
  InferenceSession: Readonly<{
    create(path: string, options: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  }>;
}>;

export type OnnxTensor = Readonly<{ dims: readonly number[]; data: unknown }>;

export type OnnxSession = Readonly<{
  inputNames: readonly string[];
  outputNames: readonly string[];
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
}>;

/** The version that is tested; scripts/components.sh installs the same. */
const VERSION = "1.30.0";

/** Command that brings the runtime; without its own download, which fetches GPU libraries that are not used. */
export const INSTALL_LINE = `ONNXRUNTIME_NODE_INSTALL=skip npm install --no-save onnxruntime-node@${VERSION}`;

/** Loaded when a model is opened and not before: the runtime is 290 MB that most installations do without. Throws FR-E1520. */
export function loadOnnxRuntime(): OnnxRuntime {
  try {
    return createRequire(import.meta.url)("onnxruntime-node");
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "MODULE_NOT_FOUND";
    throw new ForerunError(
      "FR-E1520",
      "failed_precondition",
      `local embeddings need onnxruntime-node, which ${missing ? "is not installed" : `cannot be loaded: ${cause}`}`,
      `run: ${INSTALL_LINE}`,
      { cause },
    );
  }
}

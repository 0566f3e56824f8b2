import { type ModelFolder, readModelFolder, unusableFolder } from "./model-folder.ts";
import { loadOnnxRuntime, type OnnxRuntime, type OnnxSession, type OnnxTensor } from "./onnx-runtime.ts";
import { poolTokens } from "./pooling.ts";
import { WordPieces } from "./word-pieces.ts";

/** A sentence model in memory. */
export type SentenceModel = Readonly<{
  id: string;
  dimension: number;
  embed(text: string): Promise<Float32Array>;
}>;

/** One thread: the runtime takes every core by default, and they belong to the turns. */
const SESSION_OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 };

/** Loads a folder's model and runs it once, so that the first question does not pay for that. Throws FR-E1520 and FR-E1521. */
export async function loadSentenceModel(path: string): Promise<SentenceModel> {
  const runtime = loadOnnxRuntime();
  const folder = await readModelFolder(path);
  try {
    const session = await runtime.InferenceSession.create(folder.graph, SESSION_OPTIONS);
    const embed = embedderOf(runtime, session, folder);
    return { id: folder.id, dimension: (await embed("")).length, embed };
  } catch (cause) {
    throw unusableFolder(path, cause);
  }
}

/**
 * One text a run: on one thread a batch of eight costs as much a text as eight runs, a padded batch costs more, and some
 * quantized models give a text another vector in other company.
 */
function embedderOf(
  runtime: OnnxRuntime,
  session: OnnxSession,
  folder: ModelFolder,
): (text: string) => Promise<Float32Array> {
  const pieces = new WordPieces(folder.tokenizer);
  const output = session.outputNames[0] ?? "";
  return async (text) => {
    const ids = BigInt64Array.from(pieces.encode(text), BigInt);
    const feeds = session.inputNames.map((name): [string, OnnxTensor] => [
      name,
      new runtime.Tensor("int64", inputOf(name, ids), [1, ids.length]),
    ]);
    const result = (await session.run(Object.fromEntries(feeds)))[output];
    const dimension = result?.dims[2];
    if (!(result?.data instanceof Float32Array) || dimension === undefined)
      throw new Error(`its first output is no [batch, tokens, dimension] of 32-bit numbers`);
    return poolTokens(result.data, dimension, folder.pooling);
  };
}

function inputOf(name: string, ids: BigInt64Array): BigInt64Array {
  switch (name) {
    case "input_ids":
      return ids;
    case "attention_mask":
      return new BigInt64Array(ids.length).fill(1n);
    case "token_type_ids":
      return new BigInt64Array(ids.length);
    default:
      throw new Error(`it wants an input ${name}, which no sentence model has`);
  }
}

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { z } from "zod";
import type { Pooling } from "./pooling.ts";
import { readTokenizer } from "./read-tokenizer.ts";
import type { WordPieceModel } from "./word-pieces.ts";

/** A sentence model as it is published: `tokenizer.json`, `onnx/*.onnx`, and `1_Pooling/config.json` where the model has one. */
export type ModelFolder = Readonly<{
  /** The folder's name and a hash of what makes its vectors. */
  id: string;
  /** Path of the ONNX file. */
  graph: string;
  tokenizer: WordPieceModel;
  pooling: Pooling;
}>;

/** Of several files this one is taken: the weights as they were trained. */
const ORIGINAL = "model.onnx";

/** Reads a folder but for its weights. Throws FR-E1521 for one that holds no model this package can run. */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  try {
    const graph = await findGraph(folder);
    const tokenizerText = await readFile(join(folder, "tokenizer.json"), "utf8");
    const pooling = await readPooling(folder);
    const hash = createHash("sha256")
      .update(await readFile(graph))
      .update(tokenizerText)
      .update(pooling);
    return {
      id: `local/${basename(resolve(folder))}@${hash.digest("hex").slice(0, 12)}`,
      graph,
      tokenizer: readTokenizer(JSON.parse(tokenizerText)),
      pooling,
    };
  } catch (cause) {
    throw unusableFolder(folder, cause);
  }
}

export function unusableFolder(folder: string, cause: unknown): ForerunError {
  return new ForerunError(
    "FR-E1521",
    "failed_precondition",
    `${folder} holds no sentence model that can be run: ${problemOf(cause)}`,
    "point EMBEDDINGS_DIR to a folder with tokenizer.json (of a BERT model) and onnx/model.onnx",
    { cause },
  );
}

function problemOf(cause: unknown): string {
  if (!(cause instanceof z.ZodError)) return cause instanceof Error ? cause.message : String(cause);
  const [issue] = cause.issues;
  return `tokenizer.json: ${issue?.path.join(".")}: ${issue?.message}`;
}

async function findGraph(folder: string): Promise<string> {
  const found = (await readdir(join(folder, "onnx"))).filter((name) => name.endsWith(".onnx")).sort();
  const chosen = found.includes(ORIGINAL) ? ORIGINAL : found[0];
  if (chosen === undefined) throw new Error("no .onnx file in its folder onnx");
  return join(folder, "onnx", chosen);
}

const poolingFile = z.object({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
});

async function readPooling(folder: string): Promise<Pooling> {
  const text = await readFile(join(folder, "1_Pooling", "config.json"), "utf8").catch(() => undefined);
  if (text === undefined) return "mean";
  const modes = poolingFile.parse(JSON.parse(text));
  if (modes.pooling_mode_cls_token === modes.pooling_mode_mean_tokens)
    throw new Error("1_Pooling/config.json asks for neither the mean nor the first token alone");
  return modes.pooling_mode_cls_token ? "first" : "mean";
}

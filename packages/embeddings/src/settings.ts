import type { EmbeddingsOptions } from "@forerun/llm/embeddings-client";
import { MODEL_VARIABLES, readTier } from "@forerun/llm/model-settings";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ConfigError } from "@forerun/runtime/config-fault";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { FileConfig } from "@forerun/runtime/file-config";

/** Which embedder is meant. Lexical means none: words are compared as words. */
export type EmbeddingsSettings =
  | Readonly<{ kind: "lexical" }>
  | Readonly<{ kind: "local"; folder: string }>
  | Readonly<{ kind: "remote"; options: EmbeddingsOptions }>;

const VARIABLES = ENVIRONMENT.pick({
  ...MODEL_VARIABLES,
  EMBEDDINGS: true,
  EMBEDDINGS_DIR: true,
  EMBEDDINGS_URL: true,
  EMBEDDINGS_MODEL: true,
});

const OPENAI_URL = "https://api.openai.com/v1";
const TIMEOUT_MS = 5_000;

/**
 * What the variables say, else the first model of `models.tiers.embed`: further ones are never fallen back to, since the vectors of
 * two models cannot be compared. Throws ConfigError for EMBEDDINGS=local without a folder, and for keys that cannot be read.
 */
export function readEmbeddings(environment: Environment, file: FileConfig): EmbeddingsSettings {
  const env = readEnv(VARIABLES, environment);
  if (env.EMBEDDINGS === "lexical") return { kind: "lexical" };
  if (env.EMBEDDINGS === "local") {
    if (env.EMBEDDINGS_DIR !== undefined) return { kind: "local", folder: env.EMBEDDINGS_DIR };
    const problem = "expected the folder of a sentence model, because EMBEDDINGS=local, got nothing";
    throw new ConfigError([{ code: "FR-E1203", where: "environment", key: "EMBEDDINGS_DIR", problem }]);
  }
  const { EMBEDDINGS_URL: url, EMBEDDINGS_MODEL: model } = env;
  if (url !== undefined) {
    // A key is not shown to a host that it was not given for.
    const key = sameHost(url, env.MODEL_URL ?? OPENAI_URL) ? env.OPENAI_API_KEY : undefined;
    return { kind: "remote", options: { url, model, key, timeoutMs: TIMEOUT_MS } };
  }
  const [first] = readTier("embed", env, file.models, environment).common;
  return first === undefined ? { kind: "lexical" } : { kind: "remote", options: first };
}

function sameHost(a: string, b: string): boolean {
  return new URL(a).host === new URL(b).host;
}

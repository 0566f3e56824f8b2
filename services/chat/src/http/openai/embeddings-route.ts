import { PATH_ROLES } from "@forerun/auth/access";
import { requireRole } from "@forerun/auth/require-role";
import type { Embedder } from "@forerun/embeddings/embedder";
import { loadTokenCounter } from "@forerun/llm/count-tokens";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { sendJson } from "../exchange.ts";
import type { HttpFrontDeps } from "../front.ts";
import { readBody, requireJson } from "../request-body.ts";
import type { Handler } from "../routes.ts";
import { parseStrictJson } from "../strict-json.ts";
import { embeddingsRequest } from "./embeddings-request.ts";
import { noSuchModel } from "./refusal.ts";

/** POST /v1/embeddings: vectors of length 1, by the embedder that this server itself uses. */
export function embeddingsHandler({ embedder, authenticate, limits }: HttpFrontDeps): Handler {
  return async (exchange) => {
    requireRole(await authenticate(exchange.request), PATH_ROLES["/v1/embeddings"]);
    requireJson(exchange.request);
    if (!embedder) throw noEmbedder();
    const body = parseStrictJson(await readBody(exchange.request, limits.bodyBytes), limits.jsonDepth);
    const { model, texts, base64 } = embeddingsRequest(body, embedder.dimension);
    if (model !== embeddingModelName(embedder)) throw noSuchModel(model);
    const [vectors, tokens] = await Promise.all([
      embedder.embed(texts, exchange.signal),
      // An estimate: embedding models have tokenizers of their own.
      loadTokenCounter().then((count) => texts.reduce((sum, text) => sum + count(text), 0)),
    ]);
    const data = vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: base64 ? inBase64(vector) : [...vector],
    }));
    sendJson(exchange, 200, {
      object: "list",
      data,
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    });
  };
}

/** What /v1 calls the embedder: its id without the place or the version that stands behind the @. */
export function embeddingModelName({ id }: Embedder): string {
  return id.split("@", 1)[0] ?? id;
}

/** Four bytes a number, the least significant first, as OpenAI sends them. */
function inBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [at, number] of vector.entries())
    bytes.writeFloatLE(number, at * Float32Array.BYTES_PER_ELEMENT);
  return bytes.toString("base64");
}

function noEmbedder(): ForerunError {
  return new ForerunError(
    "FR-E1327",
    "failed_precondition",
    "no embedding model is connected",
    "Set EMBEDDINGS=local with EMBEDDINGS_DIR, or EMBEDDINGS_URL, then start again.",
  );
}

import type { JsonValue } from "@bufbuild/protobuf";
import { z } from "zod";
import { parseRequest } from "./parse-request.ts";
import { refuse } from "./refusal.ts";

const Text = z.string().min(1, { error: "an empty text means nothing" });

const EmbeddingsRequest = z.strictObject({
  model: z.string().min(1),
  input: z.union([Text, z.array(Text).min(1).max(2048)], {
    error: "expected a text, or 1 to 2,048 texts, none of them empty; tokens are not taken",
  }),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.int().positive().nullish(),
  user: z.string().nullish(),
});

export type EmbeddingsRequest = { model: string; texts: string[]; base64: boolean };

/** Reads the body of POST /v1/embeddings. `dimension`: what the vectors have, which cannot be changed. */
export function embeddingsRequest(body: JsonValue, dimension: number | undefined): EmbeddingsRequest {
  const { model, input, encoding_format, dimensions } = parseRequest(EmbeddingsRequest, body);
  if (dimensions != null && dimensions !== dimension) {
    throw refuse(`this model's vectors have ${dimension ?? "their own number of"} dimensions`, "dimensions");
  }
  return { model, texts: typeof input === "string" ? [input] : input, base64: encoding_format === "base64" };
}

import { type CountTokens, loadTokenCounter } from "./count-tokens.ts";
import type { ModelRequest, TokenUsage } from "./model-call.ts";

/** US dollars per million tokens, which is millionths of a dollar per token. */
export type Price = Readonly<{
  input: number;
  output: number;
  /** Input that the endpoint had cached; priced as any other input unless given. */
  cached?: number | undefined;
}>;

/** As an endpoint counted. `cachedTokens` are a part of `inputTokens`. */
export type TokenCounts = Omit<TokenUsage, "costMicros">;

/** Counts are kept in 32 bits on the wire. */
const MOST = 2 ** 31 - 1;
/** What a message costs beside its text: its role and its ends. */
const TOKENS_A_MESSAGE = 4;

/** What a request cost: by the endpoint's own count, else by an estimate, since no prompt is empty. */
export async function settleUsage(
  reported: TokenCounts | undefined,
  request: ModelRequest,
  written: string,
  price: Price | undefined,
): Promise<TokenUsage> {
  const counts = reported && reported.inputTokens > 0 ? reported : await estimate(request, written);
  return { ...counts, costMicros: price ? costOf(counts, price) : 0 };
}

async function estimate(request: ModelRequest, written: string): Promise<TokenCounts> {
  const count = await loadTokenCounter();
  return { inputTokens: sizeOf(request, count), outputTokens: count(written), cachedTokens: 0 };
}

/** Tokens that a model reads of the request, as far as that can be told from here. */
export function sizeOf({ messages, responseSchema, tools }: ModelRequest, count: CountTokens): number {
  const read = messages.reduce((sum, { content }) => sum + count(content) + TOKENS_A_MESSAGE, 0);
  const shapes = [responseSchema, tools?.list].filter((shape) => shape !== undefined);
  return shapes.reduce((sum, shape) => sum + count(JSON.stringify(shape)), read);
}

function costOf({ inputTokens, cachedTokens, outputTokens }: TokenCounts, price: Price): number {
  const fresh = (inputTokens - cachedTokens) * price.input;
  const cached = cachedTokens * (price.cached ?? price.input);
  return Math.min(Math.round(fresh + cached + outputTokens * price.output), MOST);
}

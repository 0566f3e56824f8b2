export type Step = "route" | "answer";

/** Tokens that a decision may have: calls are short. */
export const ROUTE_OUTPUT_TOKENS = 512;

/** What the instructions for an answer say, with room for its material's marks. */
export const ANSWER_FRAME_TOKENS = 400;

/** Texts in most languages have so many bytes a token; none has fewer than half. */
const BYTES_A_TOKEN = 4;
export const MARGIN = 2;

/** About how many tokens these parts of a prompt have. */
export function likelyTokens(parts: readonly unknown[]): number {
  const bytes = parts.reduce((sum: number, part) => sum + sizeOf(part), 0);
  return Math.ceil(bytes / BYTES_A_TOKEN);
}

function sizeOf(part: unknown): number {
  if (part === undefined) return 0;
  return Buffer.byteLength(typeof part === "string" ? part : JSON.stringify(part));
}

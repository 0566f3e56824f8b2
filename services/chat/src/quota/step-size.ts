export type Step = "route" | "answer";

/** Tokens that a decision may have: calls are short. */
export const ROUTE_OUTPUT_TOKENS = 512;

/** What a prompt says besides what is told of it here: instructions and, of a decision, tools and the shape of its JSON. */
const FRAME_TOKENS: Readonly<Record<Step, number>> = { route: 700, answer: 200 };

/** Texts in most languages have so many bytes a token. */
const BYTES_A_TOKEN = 4;

/** About how many tokens a prompt made of these parts has. */
export function likelyTokens(step: Step, parts: readonly unknown[]): number {
  const bytes = parts.reduce((sum: number, part) => sum + sizeOf(part), 0);
  return FRAME_TOKENS[step] + Math.ceil(bytes / BYTES_A_TOKEN);
}

function sizeOf(part: unknown): number {
  if (part === undefined) return 0;
  return Buffer.byteLength(typeof part === "string" ? part : JSON.stringify(part));
}

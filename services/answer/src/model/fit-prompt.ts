import { type CountTokens, loadTokenCounter } from "@forerun/llm/count-tokens";
import type { ChatMessage } from "@forerun/llm/model-call";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { countBytes, promptSize } from "./prompt-size.ts";

/** How much a prompt may hold, and how that is counted. */
export type Room = Readonly<{ tokens: number; count: CountTokens }>;

/** `compacted`: something was shortened or left out. */
export type FittedPrompt = Readonly<{ messages: readonly ChatMessage[]; compacted: boolean }>;

/** Sizes of parts do not add up exactly: a prompt that comes out too large is built again for less. */
const SHRINK = 0.9;
const MOST_ATTEMPTS = 12;

/**
 * Builds the prompt for at most `tokens`. The tokenizer is loaded only when the prompt does not fit by its bytes, which most do.
 * Throws FR-E1534 when it cannot be made to fit.
 */
export async function fitPrompt<Prompt extends FittedPrompt>(
  build: (room: Room) => Prompt,
  tokens: number,
): Promise<Prompt> {
  const simple = build({ tokens, count: countBytes });
  if (!simple.compacted && promptSize(simple.messages, countBytes) <= tokens) return simple;
  const count = await loadTokenCounter();
  let room = tokens;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const prompt = build({ tokens: Math.floor(room), count });
    if (promptSize(prompt.messages, count) <= tokens) return prompt;
    room *= SHRINK;
  }
  throw doesNotFit(tokens);
}

function doesNotFit(tokens: number): ForerunError {
  return new ForerunError(
    "FR-E1534",
    "failed_precondition",
    `The conversation does not fit into the ${tokens} tokens that the model may be sent.`,
    "Send less, or use a model with a larger context (models.tiers.answer[].context_tokens).",
  );
}

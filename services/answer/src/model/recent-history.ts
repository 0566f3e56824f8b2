import type { ChatMessage } from "@forerun/llm/model-call";
import type { HistoryMessage } from "../answer.ts";
import type { Room } from "./fit-prompt.ts";
import { TOKENS_A_MESSAGE } from "./prompt-size.ts";
import { shortened } from "./shorten.ts";

/** A message is not worth keeping with less of it than this. */
const LEAST_TOKENS = 64;

export type Recent = Readonly<{ messages: ChatMessage[]; leftOut: number; compacted: boolean }>;

/** The newest messages that fit, oldest first; of the first that does not fit, a part where enough of it does. */
export function recentHistory(history: readonly HistoryMessage[], { tokens, count }: Room): Recent {
  const kept: ChatMessage[] = [];
  let left = tokens;
  let cut = false;
  for (const { role, content } of history.toReversed()) {
    const room = left - TOKENS_A_MESSAGE;
    const size = count(content);
    if (size <= room) {
      kept.unshift({ role, content });
      left = room - size;
      continue;
    }
    if (room >= LEAST_TOKENS) {
      kept.unshift({ role, content: shortened(content, room, count) });
      cut = true;
    }
    break;
  }
  const leftOut = history.length - kept.length;
  return { messages: kept, leftOut, compacted: cut || leftOut > 0 };
}

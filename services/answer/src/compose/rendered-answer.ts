import type { AnswerQuestion } from "../answer.ts";
import { quotesFor } from "./compose-answer.ts";

/**
 * Whether what one tool says is the whole answer: it is the only call, it succeeded and says all of its result in words, its name is
 * among those that may answer alone, and no passage clearly belongs to the question beside it.
 */
export function isRenderedAnswer(question: AnswerQuestion, tools: ReadonlySet<string>): boolean {
  const [only, ...others] = question.results;
  if (only === undefined || others.length > 0 || !tools.has(only.name)) return false;
  if (only.outcome !== "ok" || only.truncated || only.rendered.trim() === "") return false;
  return quotesFor(question).length === 0;
}

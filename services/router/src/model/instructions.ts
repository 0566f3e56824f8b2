import type { RouteQuestion } from "./route-question.ts";

type Kind = Pick<RouteQuestion, "mayEscalate" | "carriesAnswer">;

const ANSWER_ELSEWHERE =
  "- answer: no tool helps. Another model writes the answer; do not write it yourself.";
const ANSWER_HERE = '- answer: no tool helps. Write the whole answer to the user in "text".';
const ESCALATE =
  "- escalate: no tool helps, and a good answer takes long, careful reasoning. A larger model takes over.";

/** First in every prompt and the same for all questions of a kind, so that endpoints can reuse what they made of it. */
export function instructionsFor({ mayEscalate, carriesAnswer }: Kind): string {
  const actions = ["call", "answer", "clarify", "refuse", ...(mayEscalate ? ["escalate"] : [])];
  const texts = carriesAnswer ? "answer, clarify and refuse" : "clarify and refuse";
  return [
    "You route messages of an assistant. Decide what the user's last message needs and reply with one JSON object:",
    `{"thought": "one short sentence", "action": ${actions.map((action) => `"${action}"`).join(" | ")}, "calls": [{"id": "c1", "tool": "name", "args": {}}], "text": "…"}`,
    '- call: tools below can find out or do what is asked. List every call that is needed in "calls". They run at the same time, except that a call may use results of calls listed before it: "$c1.latitude" as the whole of a value stands for the latitude in the result of c1, and "$c1.places[0].name" reaches deeper.',
    carriesAnswer ? ANSWER_HERE : ANSWER_ELSEWHERE,
    '- clarify: a value that a tool needs is missing or unclear. Ask for it in "text".',
    '- refuse: the message asks for something harmful. Say so in "text".',
    ...(mayEscalate ? [ESCALATE] : []),
    "Take argument values from the conversation or from results, and never invent any. Write a text value that begins with $ as $$.",
    `"calls" is only for call, "text" only for ${texts}.`,
  ].join("\n");
}

import type { Script } from "@forerun/testing/scripted-model/script";

/** An answer that streams for four seconds, at 50 tokens a second. */
export const STORY = {
  ask: "please tell me a long story",
  text: Array.from({ length: 200 }, (_, word) => `w${word}`).join(" "),
  tokenMs: 20,
};

const OFTEN = 1_000_000;

export const STORY_STEPS: Script["steps"] = [
  {
    match: { kind: "route", contains: STORY.ask },
    reply: { json: { thought: "a story", action: "answer" } },
    times: OFTEN,
  },
  {
    match: { kind: "answer", contains: STORY.ask },
    reply: { text: STORY.text },
    token_ms: STORY.tokenMs,
    times: OFTEN,
  },
];

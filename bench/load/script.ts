import type { Script } from "@forerun/testing/scripted-model/script";
import { FAN_OUT } from "./fan-out-tools.ts";

/** What a turn asks, and the answer that must come whole. */
export type Told = { ask: string; text: string };

const OFTEN = 100_000_000;
/** 20 tokens a second, for ten seconds. */
const STORY = { count: 50, words: 200, tokenMs: 50 };

/** Different ones, so that a word of another's answer is seen. */
export const STORIES: readonly Told[] = Array.from({ length: STORY.count }, (_, at) => ({
  ask: `please tell me story <${at}>`,
  text: words(`s${at}w`, STORY.words),
}));

/** An answer that comes at once: what a turn costs is all that it takes. */
export const NOTE: Told = { ask: "please give me a short note", text: words("n", 20) };

export const LOAD_SCRIPT: Script = {
  steps: [
    {
      match: { kind: "route", contains: FAN_OUT.ask },
      reply: { json: { thought: "all of them", action: "call", calls: FAN_OUT.calls } },
      times: OFTEN,
    },
    {
      match: { kind: "route" },
      reply: { json: { thought: "nothing to look up", action: "answer" } },
      times: OFTEN,
    },
    ...STORIES.map(({ ask, text }) => ({
      match: { kind: "answer" as const, contains: ask },
      reply: { text },
      token_ms: STORY.tokenMs,
      times: OFTEN,
    })),
    { match: { kind: "answer" }, reply: { text: NOTE.text }, times: OFTEN },
  ],
};

function words(stem: string, count: number): string {
  return Array.from({ length: count }, (_, word) => `${stem}${word}`).join(" ");
}

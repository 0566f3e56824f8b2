import { expect } from "vitest";
import { postChat } from "./http-door.ts";
import { answerOf } from "./outcome.ts";

/** Expects a server that has been mistreated to answer as if nothing had been. */
export async function expectStillRight(http: string): Promise<void> {
  const turn = answerOf(await postChat<{ state: string; text: string }>(http, { text: "17% of 2400" }));
  expect(turn.state).toBe("TURN_STATE_COMPLETED");
  expect(turn.text).toMatch(/\b408\b/);
}

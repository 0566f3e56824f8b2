import { describe, expect, it } from "vitest";
import type { Collaborators } from "./collaborators.ts";
import { CollaboratorFault } from "./ending.ts";
import { collaborators, drive } from "./fixtures/driven-turn.ts";

const fault = (service: string, page = "") =>
  new CollaboratorFault(service, "unavailable", { page, cause: new Error("the connection was lost") });

/** An answer whose service goes away behind the first words, as often as given. */
function breakingAnswer(times: number, page = ""): { parts: Partial<Collaborators>; tries: () => number } {
  let tries = 0;
  return {
    tries: () => tries,
    parts: {
      async *generate(...question) {
        tries += 1;
        if (tries > times) return yield* collaborators().generate(...question);
        yield { kind: "text", text: "It was " };
        throw fault("answer", page);
      },
    },
  };
}

describe("a service that goes away in the middle", () => {
  it("has its answer written anew, and what it had said is taken back", async () => {
    const { parts, tries } = breakingAnswer(1);
    const { turn, log } = await drive(parts);
    expect(turn).toMatchObject({ state: "completed", text: "It is 408." });
    expect(tries()).toBe(2);
    const said = log.kinds();
    expect(said.indexOf("outputReset")).toBe(said.indexOf("outputTextDelta") + 1);
    expect(said.filter((kind) => kind === "outputReset")).toHaveLength(1);
  });

  it("is asked once more for a decision", async () => {
    let tries = 0;
    const { turn, log } = await drive({
      async *route(...question) {
        tries += 1;
        if (tries === 1) throw fault("router");
        yield* collaborators().route(...question);
      },
    });
    expect(turn?.state).toBe("completed");
    expect(tries).toBe(2);
    expect(log.kinds().filter((kind) => kind === "routeDecided")).toHaveLength(1);
  });

  it("fails the turn when it goes away again", async () => {
    const { parts, tries } = breakingAnswer(2);
    const { turn } = await drive(parts);
    expect(turn).toMatchObject({ state: "failed", errorCode: "unavailable", retryable: true });
    expect(tries()).toBe(2);
  });

  it("is not asked again when it says itself that it cannot", async () => {
    const { parts, tries } = breakingAnswer(1, "FR-E1504");
    const { turn } = await drive(parts);
    expect(turn).toMatchObject({ state: "failed", errorCode: "unavailable", reason: "FR-E1504" });
    expect(tries()).toBe(1);
  });
});

import { expect } from "vitest";

/** What a caller learns of a refused request, the same at every door. */
export type Refusal = {
  kind: "refusal";
  /** gRPC code in Connect's spelling, for example "invalid_argument". */
  status: string;
  /** HTTP status; undefined over gRPC. */
  http: number | undefined;
  /** "FR-E1301"; empty where the server gave none. */
  code: string;
  cause: string;
  fix: string;
};

export type Outcome<T> = { kind: "answer"; value: T } | Refusal;

/** The answer, or a failed test that says what was refused. */
export function answerOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "answer") return outcome.value;
  throw new Error(`refused: ${JSON.stringify(outcome)}`);
}

/** Expects a refusal that a person can act on: this code, a cause and a fix. */
export function expectRefused(outcome: Outcome<unknown>, expected: Partial<Refusal>): void {
  expect(outcome).toMatchObject({
    kind: "refusal",
    cause: expect.stringMatching(/\w/),
    fix: expect.stringMatching(/\w/),
    ...expected,
  });
}

import { Outcome, type ToolCallRecord } from "@forerun/contracts/forerun/common/v1/common_pb";

/** How a call stands, for a mark beside its words: its result was used, it runs, or nothing came of it. */
export type CallMark = "used" | "running" | "unused";

export type CallOutcome = Readonly<{ mark: CallMark; word: string; words: readonly string[] }>;

/** The mark of a call and the word that says the same; `words` also tell of a begin before the decision and of a cache. */
export function outcomeOf({ outcome, early, reused }: ToolCallRecord): CallOutcome {
  // The wire may carry an outcome that this version does not know.
  const { word, mark } = OUTCOMES[outcome] ?? { word: "ended", mark: "unused" };
  const words = [...(early ? ["early"] : []), word, ...(reused ? ["cached"] : [])];
  return { mark, word, words };
}

const OUTCOMES: Readonly<Record<Outcome, { word: string; mark: CallMark }>> = {
  [Outcome.UNSPECIFIED]: { word: "running", mark: "running" },
  [Outcome.COMMITTED]: { word: "done", mark: "used" },
  [Outcome.HIT]: { word: "used", mark: "used" },
  [Outcome.LATE]: { word: "used late", mark: "used" },
  [Outcome.MISS]: { word: "discarded", mark: "unused" },
  [Outcome.CANCELLED]: { word: "stopped", mark: "unused" },
  [Outcome.FAILED]: { word: "failed", mark: "unused" },
  [Outcome.DENIED]: { word: "refused", mark: "unused" },
};

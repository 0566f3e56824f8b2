import { Outcome, type ToolCallRecord } from "@forerun/contracts/forerun/common/v1/common_pb";

/** How a call stands, for a mark beside its words: its result was used, it runs, or nothing came of it. */
export type CallMark = "used" | "running" | "unused";

/** The mark of a call and the words that say the same; "early" only where it began before the decision. */
export function outcomeOf({ outcome, early, reused }: ToolCallRecord): { mark: CallMark; words: string[] } {
  // The wire may carry an outcome that this version does not know.
  const { word, mark } = OUTCOMES[outcome] ?? { word: "ended", mark: "unused" };
  const words = [...(early ? ["early"] : []), word, ...(reused ? ["from cache"] : [])];
  return { mark, words };
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

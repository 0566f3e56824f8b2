import type { EarlierCall } from "../route-decision.ts";

/** What a model is asked to decide. */
export type RouteQuestion = Readonly<{
  text: string;
  /** Earlier messages, oldest first. */
  history: readonly Readonly<{ role: "user" | "assistant"; content: string }>[];
  /** What was called for this message before, and what came of it. */
  earlierCalls: readonly EarlierCall[];
  /** Names of every allowed tool, the likeliest first; the first few are offered. */
  candidates: readonly string[];
  toolChoice: "auto" | "none" | "required";
  /** 0 leaves no calls to decide on. */
  maxToolCalls: number;
  /** The model may hand over to a larger one. */
  mayEscalate: boolean;
  /** A decision to answer carries the answer itself; else another model writes it. */
  carriesAnswer: boolean;
  /** RFC 3339. */
  now: string;
  /** IANA name. */
  timeZone: string;
}>;

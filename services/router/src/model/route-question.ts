/** What the model is asked to decide. */
export type RouteQuestion = Readonly<{
  text: string;
  /** Earlier messages, oldest first. */
  history: readonly Readonly<{ role: "user" | "assistant"; content: string }>[];
  /** Names of every allowed tool, the likeliest first; the first few are offered. */
  candidates: readonly string[];
  toolChoice: "auto" | "none" | "required";
  maxToolCalls: number;
  /** RFC 3339. */
  now: string;
  /** IANA name. */
  timeZone: string;
}>;

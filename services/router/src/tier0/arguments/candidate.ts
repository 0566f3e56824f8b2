import type { Json } from "../tool-definition.ts";

/** A value some stretch of the text may give a parameter. Without a place in the text (`from` = -1) it competes with nothing. */
export type Candidate = Readonly<{
  value: Json;
  text: string;
  start: number;
  end: number;
  /** Tokens [from, to). */
  from: number;
  to: number;
  /** What kind of span it is and what is special about it; the scorer learns what each is worth. */
  tags: readonly string[];
}>;

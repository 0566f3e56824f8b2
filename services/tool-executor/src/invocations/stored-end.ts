import { z } from "zod";
import { RESULT_SHAPE } from "../result-shape.ts";
import { type CallEnd, FAILURE_CODES, failure } from "../tool-call.ts";

const END = z.discriminatedUnion("kind", [
  RESULT_SHAPE,
  z.object({ kind: z.literal("failure"), code: z.enum(FAILURE_CODES), message: z.string() }),
]);

/** How a call ended, as text. NULs and lone surrogates in it are escaped. */
export function storedEnd(end: CallEnd): string {
  return JSON.stringify(end);
}

/** The stored end. One that this version cannot read is known to be there, and no more. */
export function readEnd(text: string | null): CallEnd {
  const end = END.safeParse(text === null ? undefined : JSON.parse(text));
  if (end.success) return end.data;
  return failure("outcome_unknown", "The call was made before; how it ended cannot be read any more.");
}

import type { JsonValue } from "@forerun/toolkit";
import { z } from "zod";

/** A result as it is kept: in a cache, and in the record of a call. */
export const RESULT_SHAPE = z.object({
  kind: z.literal("result"),
  output: z.custom<JsonValue>((value) => value !== undefined),
  rendered: z.string(),
  truncated: z.boolean(),
});

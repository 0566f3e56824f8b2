import { z } from "zod";
import { TENANT_PATTERN } from "./caller.ts";
import { count } from "./config-fields.ts";
import { parseDuration } from "./duration.ts";

/** The shape of `quotas` in forerun.yaml. */

const PERIOD_EXPECTED = "expected day, month, or a duration such as 1h";

const limit = {
  tokens: count({ min: 1, max: 1e12 }).optional().describe("Tokens that models read and write at most."),
  cost_usd: z
    .number()
    .positive()
    .max(1e6)
    .optional()
    .describe("US dollars at most, by the prices of models; a model without one costs nothing."),
  per: z
    .string({ error: PERIOD_EXPECTED })
    .regex(/^(day|month|\d+(ms|s|m|h|d))$/, { error: PERIOD_EXPECTED })
    .transform((text) => (text === "day" || text === "month" ? text : Math.max(1, parseDuration(text) ?? 1)))
    .prefault("day")
    .describe("The period, by the calendar in UTC: day, month, or a duration counted from 1970."),
};

const quota = z.strictObject({
  ...limit,
  user: z.strictObject(limit).optional().describe("Of each user."),
  models: z
    .record(z.string().min(1), z.strictObject(limit).describe("The tenant's of this model."))
    .default({})
    .describe("Of single models, by name."),
});

export const QUOTAS = z.strictObject({
  default: quota.optional().describe("Of each tenant without an entry of its own."),
  tenants: z
    .record(z.string().regex(TENANT_PATTERN, { error: "expected the name of a tenant" }), quota)
    .default({})
    .describe("Of single tenants, in place of the default."),
  chunk_tokens: count({ min: 16, max: 65_536 })
    .default(256)
    .describe("Tokens that a stream sets aside at a time."),
  route_tokens: count({ min: 256, max: 1_000_000 })
    .default(6_000)
    .describe(
      "Tokens set aside for what a decision's prompt says besides the conversation: instructions, tools and their schemas.",
    ),
});

import { z } from "zod";

const oneOf = z.strictObject({
  /** Any of these is right; null stands for leaving the argument out. */
  one_of: z.array(z.json()).min(2),
});
const contains = z.strictObject({
  /** A text with all of these in it, whatever their case. */
  contains: z.array(z.string().min(1)).min(1),
});

const callSchema = z.strictObject({
  name: z.string().min(1),
  /** Left out, any arguments will do. `$c1.latitude` is a part of the result of the first call. */
  arguments: z.record(z.string(), z.union([oneOf, contains, z.json()])).optional(),
});

const action = z.enum(["call", "answer", "clarify", "refuse"]);

const expectSchema = z
  .strictObject({
    /** A list where more than one is good. */
    action: z.union([action.transform((one) => [one]), z.array(action).min(1)]),
    calls: z.array(callSchema).default([]),
    any_order: z.boolean().default(false),
  })
  .refine(({ action: actions, calls }) => actions.includes("call") === calls.length > 0, {
    error: "calls belong to the action call, and to no other",
  });

/** One case of `evals/routing/*.yaml`: a message, and what a good router does with it. */
export const routingCaseSchema = z.strictObject({
  id: z.string().regex(/^\S+$/, "expected a word"),
  text: z.string().min(1),
  /** Earlier messages, oldest first. */
  context: z.array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.string() })).default([]),
  expect: expectSchema,
  /** Tools that must not be called, whatever else is. */
  forbid: z.array(z.string().min(1)).default([]),
  /** Kinds that it counts for. */
  tags: z.array(z.string().min(1)).min(1).default(["untagged"]),
});

export type RoutingCase = z.output<typeof routingCaseSchema>;
export type Action = z.output<typeof action>;
export type ExpectedCall = RoutingCase["expect"]["calls"][number];
export type ExpectedArguments = NonNullable<ExpectedCall["arguments"]>;

type Alternatives = z.output<typeof oneOf>;
type Contains = z.output<typeof contains>;

export function isAlternatives(value: ExpectedArguments[string]): value is Alternatives {
  return oneOf.safeParse(value).success;
}

export function isContains(value: ExpectedArguments[string]): value is Contains {
  return contains.safeParse(value).success;
}

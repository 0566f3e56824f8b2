import { z } from "zod";

const TextPart = z.object({ type: z.literal("text"), text: z.string() });
const Content = z.union([z.string(), z.array(TextPart).min(1)], {
  error: "expected a string or an array of text parts",
});

const Call = z.strictObject({
  id: z.string().min(1).max(128),
  type: z.literal("function"),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

const spoken = { name: z.string().optional(), refusal: z.null().optional() };
const options = { error: unknownNames };

/** One message of a request, in OpenAI's words. */
export const CompletionMessage = z.discriminatedUnion(
  "role",
  [
    z.strictObject({ role: z.enum(["system", "developer", "user"]), content: Content, ...spoken }, options),
    z.strictObject(
      {
        role: z.literal("assistant"),
        // Empty beside calls; some clients leave it out then.
        content: z.union([Content, z.null()]).optional(),
        tool_calls: z.array(Call).max(128).nullish(),
        ...spoken,
      },
      options,
    ),
    z.strictObject(
      { role: z.literal("tool"), content: Content, tool_call_id: z.string().min(1).max(128) },
      options,
    ),
  ],
  { error: (issue) => (issue.code === "invalid_union" ? "this role is not supported" : undefined) },
);

export type CompletionMessage = z.infer<typeof CompletionMessage>;

export function textOf({ content }: CompletionMessage): string {
  if (content === null || content === undefined) return "";
  return typeof content === "string" ? content : content.map((part) => part.text).join("");
}

export function isInstruction({ role }: CompletionMessage): boolean {
  return role === "system" || role === "developer";
}

export function unknownNames(issue: { code: string; keys?: readonly string[] }): string | undefined {
  if (issue.code !== "unrecognized_keys") return undefined;
  return `unrecognized request argument supplied: ${issue.keys?.[0]?.slice(0, 64)}`;
}

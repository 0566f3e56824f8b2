import type { ZodError } from "zod";

/** The first fault of a value: where and what. */
export function issueText({ issues: [first] }: ZodError): string {
  return [first?.path.join("."), first?.message].filter(Boolean).join(": ");
}

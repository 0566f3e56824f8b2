import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { z } from "zod";
import { refuse } from "./refusal.ts";

/** The value as the schema has it. Throws a refusal that names the parameter at fault. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, body: JsonValue): z.output<Schema> {
  const parsed = schema.safeParse(requestObject(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path =
    issue?.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : (issue?.path ?? []);
  throw refuse(issue?.message ?? "the request does not fit", parameterName(path));
}

export function requestObject(body: JsonValue): JsonObject {
  if (body !== null && typeof body === "object" && !Array.isArray(body)) return body;
  throw refuse("the request body must be a JSON object", undefined);
}

/** ["messages", 0, "content"] → "messages[0].content". */
function parameterName(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${part}]` : (at ? "." : "") + String(part)))
    .join("");
}

import type { ModelToolCall } from "@forerun/llm/model-call";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { ClientCall, ClientTools } from "../answer.ts";

const MOST_CALLS = 128;
const MOST_ID_CHARACTERS = 128;
/** Characters of one call's arguments at most. */
const MOST_ARGUMENTS = 262_144;

/**
 * The calls that a model asks for, as the client may run them. Throws FR-E1533 for a tool that was not offered, for arguments that
 * are no JSON object, and for more than anybody could mean: nothing of such an answer is handed on.
 */
export function clientCalls(
  asked: readonly ModelToolCall[],
  { tools, choice, single }: ClientTools,
): ClientCall[] {
  const wanted = single ? asked.slice(0, 1) : asked;
  if (wanted.length === 0) return [];
  if (wanted.length > MOST_CALLS) throw unusable("it asked for too many calls at once");
  const offered = new Set(tools.map(({ name }) => name));
  const ids = new Set(wanted.map(({ id }) => id));
  if (ids.size < wanted.length) throw unusable("two calls have one id");
  return wanted.map(({ id, name, arguments: written }) => {
    if (choice === "none") throw unusable("it asked for a call where none was allowed");
    if (!offered.has(name)) throw unusable("it asked for a tool that it was not offered");
    if (id.length > MOST_ID_CHARACTERS) throw unusable("a call's id is too long");
    if (written.length > MOST_ARGUMENTS || !isObject(written)) {
      throw unusable("a call's arguments are no JSON object");
    }
    return { callId: id, name, arguments: written };
  });
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function unusable(why: string): ForerunError {
  return new ForerunError(
    "FR-E1533",
    "unavailable",
    `The model's call of a tool cannot be used: ${why}.`,
    "Try again; if it goes on, use a model that calls tools reliably.",
  );
}

import { readFileSync } from "node:fs";
import { z } from "zod";

/** The parts of a reply's body that are written one after the other; base64 for bytes that are no text. */
const rawPart = z.union([z.string(), z.strictObject({ base64: z.base64() })]);

const rawReply = z.strictObject({
  /** Written as they are, each in its own packet where `token_ms` is above 0. */
  parts: z.array(rawPart),
  content_type: z.string().default("text/event-stream"),
  status: z.int().min(200).max(599).default(200),
});

const halfReply = z.strictObject({
  text: z.string(),
  /** Share of the text that is sent, 0 to 1. */
  at: z.number().min(0).max(1).default(0.5),
  /** How it stops: a reset socket, a closed one without the end of the body, or a body that ends as if it were whole. */
  close: z.enum(["reset", "fin", "end"]).default("reset"),
});

const hangPoint = z.enum(["headers", "first_token", "tokens"]);

/** A call of one of the request's tools; arguments that are a string go as they are, JSON or not. */
const toolCall = z.strictObject({
  id: z.string().optional(),
  name: z.string(),
  arguments: z.json(),
});

/** Exactly one of these, as contracts have it; the short forms stand for the defaults of the long ones. */
const reply = z.union([
  z.strictObject({ json: z.json() }),
  z.strictObject({ text: z.string(), finish_reason: z.string().default("stop") }),
  z.strictObject({ calls: z.array(toolCall).min(1), text: z.string().default("") }),
  z.strictObject({
    status: z.int().min(400).max(599),
    /** Value of Retry-After, in seconds. */
    retry_after: z.number().nonnegative().optional(),
    body: z.string().optional(),
  }),
  z.strictObject({
    hang: z.union([z.literal(true).transform(() => "headers" as const), hangPoint]),
    text: z.string().default("half an answer"),
  }),
  z.strictObject({ half: z.union([z.string().transform((text) => halfReply.parse({ text })), halfReply]) }),
  z.strictObject({
    raw: z.union([z.string().transform((text) => rawReply.parse({ parts: [text] })), rawReply]),
  }),
]);

const step = z.strictObject({
  match: z.strictObject({ kind: z.enum(["route", "answer", "judge"]), contains: z.string().optional() }),
  reply,
  /** Milliseconds from the request to the first byte of the body. */
  first_token_ms: z.number().nonnegative().default(0),
  /** Milliseconds between two tokens. */
  token_ms: z.number().nonnegative().default(0),
  /** How often the step may be used; all uses are owed. */
  times: z.int().positive().default(1),
});

export const scriptSchema = z.strictObject({ steps: z.array(step) });

/** A script as it is written. */
export type Script = z.input<typeof scriptSchema>;
export type Step = z.output<typeof step>;
export type Reply = Step["reply"];
export type CallKind = Step["match"]["kind"];

/** @throws an error that names every fault of the script. */
export function parseScript(script: unknown): Step[] {
  const parsed = scriptSchema.safeParse(script);
  if (parsed.success) return parsed.data.steps;
  throw new Error(`bad script:\n${z.prettifyError(parsed.error)}`);
}

export function readScript(path: string): Step[] {
  return parseScript(JSON.parse(readFileSync(path, "utf8")));
}

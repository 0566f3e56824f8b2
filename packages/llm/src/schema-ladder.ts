import { APIError } from "openai";
import type { ChatMessage, ModelRequest } from "./model-call.ts";

/** Ways to ask for JSON of a schema, best first: as a response format, as the arguments of a function, in words. */
export type Rung = "json_schema" | "function" | "prompt";

/** How an endpoint refuses to be asked in each way: it names the part of the request that it does not take. */
const REFUSALS: readonly Readonly<{ from: Rung; to: Rung; named: RegExp }>[] = [
  { from: "json_schema", to: "function", named: /response_format|json_schema|structured.output/i },
  { from: "function", to: "prompt", named: /tool|function/i },
];

/** Remembers how one endpoint takes schemas. A refusal costs a request and no tokens, and is met once. */
export class SchemaLadder {
  #rung: Rung = "json_schema";

  /** How to ask. A request with tools of its own cannot have the schema as another one. */
  rungFor({ responseSchema, tools }: ModelRequest): Rung {
    if (responseSchema === undefined) return "json_schema";
    return this.#rung === "function" && tools !== undefined ? "prompt" : this.#rung;
  }

  /** How to ask instead, after this refusal; undefined when it was not about the schema. */
  below(rung: Rung, request: ModelRequest, refusal: unknown): Rung | undefined {
    const step = REFUSALS.find(({ from }) => from === rung);
    if (request.responseSchema === undefined || step === undefined) return undefined;
    const words = wordsOf(refusal);
    if (!step.named.test(words)) return undefined;
    // Another schema may well be taken: that is this request's matter alone.
    if (this.#rung === rung && !/invalid schema/i.test(words)) this.#rung = step.to;
    return step.to === "function" && request.tools !== undefined ? "prompt" : step.to;
  }
}

/** The request as it is asked on a rung. */
export function onRung(rung: Rung, request: ModelRequest): ModelRequest {
  const { responseSchema: asked, ...rest } = request;
  if (asked === undefined || rung === "json_schema") return request;
  if (rung === "prompt") return { ...rest, messages: inWords(request.messages, asked.schema) };
  const { name, schema } = asked;
  const list = [{ name, description: "Gives the answer.", parameters: schema }];
  return { ...rest, tools: { list, choice: { name }, single: false } };
}

/** With the instructions, which may be the only place for them and are what endpoints cache. */
function inWords(messages: readonly ChatMessage[], schema: object): ChatMessage[] {
  const words = `Reply with one JSON object and nothing else. Its JSON Schema is:\n${JSON.stringify(schema)}`;
  const [first, ...others] = messages;
  return first?.role === "system"
    ? [{ role: "system", content: `${first.content}\n\n${words}` }, ...others]
    : [{ role: "system", content: words }, ...messages];
}

/** Read to understand the refusal, and neither shown nor kept. */
function wordsOf(refusal: unknown): string {
  const refused = refusal instanceof APIError && (refusal.status === 400 || refusal.status === 422);
  return refused ? `${refusal.message} ${JSON.stringify(refusal.error ?? "")}` : "";
}

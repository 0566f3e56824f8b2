import { createContext, Script } from "node:vm";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { addFormats } from "./formats.ts";
import type { JsonObject } from "./json.ts";
import { toJsonSchema } from "./schema.ts";

/** Says which rule of the schema a value breaks; undefined when it fits. */
export type Check = (value: unknown) => string | undefined;

export type CompiledSchema = { kind: "ok"; check: Check } | { kind: "bad"; problem: string };

const META_SCHEMA = "https://json-schema.org/draft/2020-12/schema";
/** Milliseconds that a stranger's schema may take, many times what honest ones do, since a busy machine is slow to all. */
const COMPILE_MS = 1_000;
const CHECK_MS = 250;
/** Compiled schemas that are kept. */
const MOST_KNOWN = 64;

/**
 * Compiles JSON Schema 2020-12 that strangers send: bounded in size, depth and time, since a pattern or a cycle of references can
 * run for ever. Each schema stands alone: its ids meet no other's, and no reference leaves it.
 */
export class UntrustedSchemas {
  /** Knows what a schema looks like; compiled at the first use, and never under a time limit, which would leave it half done. */
  #meta: ValidateFunction | undefined;
  readonly #known = new Map<string, CompiledSchema>();

  compile(value: unknown): CompiledSchema {
    const bounded = toJsonSchema(value, "output");
    if (bounded.kind === "bad") return bounded;
    // A draft's name is no reason to refuse what 2020-12 can read.
    const { $schema: _, ...schema } = bounded.schema as JsonObject;
    if ("$async" in schema) return { kind: "bad", problem: "$async is not supported" };
    const text = JSON.stringify(schema);
    const compiled = this.#known.get(text) ?? this.#compile(schema);
    if (compiled.kind === "ok") this.#keep(text, compiled);
    return compiled;
  }

  #compile(schema: JsonObject): CompiledSchema {
    this.#meta ??= compileMeta();
    const problem = problemOf(this.#meta, schema);
    if (problem !== undefined) return { kind: "bad", problem };
    const compiled = within(COMPILE_MS, () => compileAlone(schema));
    if (compiled.kind === "failed") return { kind: "bad", problem: compiled.why };
    return { kind: "ok", check: (checked) => checkOf(compiled.result, checked) };
  }

  /** Programs send one schema again and again; the longest unused is given up. */
  #keep(text: string, compiled: CompiledSchema): void {
    this.#known.delete(text);
    this.#known.set(text, compiled);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}

function compileMeta(): ValidateFunction {
  const meta = new Ajv2020({ strict: false, logger: false }).getSchema(META_SCHEMA);
  if (!meta) throw new Error("ajv does not know the schema of schemas");
  return meta;
}

function problemOf(meta: ValidateFunction, schema: JsonObject): string | undefined {
  const outcome = within(COMPILE_MS, () => meta(schema));
  if (outcome.kind === "failed") return outcome.why;
  const [error] = meta.errors ?? [];
  return outcome.result === true
    ? undefined
    : `${error?.instancePath} ${error?.message ?? "is no schema"}`.trim();
}

function compileAlone(schema: JsonObject): ValidateFunction {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    ownProperties: true,
    allErrors: true,
    validateSchema: false,
    meta: false,
  });
  addFormats(ajv);
  return ajv.compile(schema);
}

function checkOf(validate: ValidateFunction, value: unknown): string | undefined {
  const outcome = within(CHECK_MS, () => validate(value));
  if (outcome.kind === "failed") return outcome.why;
  return outcome.result ? undefined : `it breaks the rule "${validate.errors?.[0]?.keyword ?? "schema"}"`;
}

type Outcome<T> = { kind: "done"; result: T } | { kind: "failed"; why: string };

/** Runs something that may never return, and stops it in mid-work when its time is over. */
function within<T>(milliseconds: number, work: () => T): Outcome<T> {
  let result: { value: T } | undefined;
  const context = createContext({
    work: () => {
      result = { value: work() };
    },
  });
  try {
    new Script("work()").runInContext(context, { timeout: milliseconds });
  } catch (fault) {
    return { kind: "failed", why: reasonOf(fault) };
  }
  return result ? { kind: "done", result: result.value } : { kind: "failed", why: "it did not finish" };
}

/** What a run throws is ours; the error of one that was stopped belongs to its own realm. */
function reasonOf(fault: unknown): string {
  if (fault instanceof RangeError) return "it refers to itself without end";
  if (fault instanceof Error) return fault.message;
  return "it takes too long to check";
}

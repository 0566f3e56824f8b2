import { ForerunError } from "@forerun/runtime/forerun-error";
import { isJsonObject, type JsonObject } from "./json.ts";
import { refinement, toJsonSchema } from "./schema.ts";
import type { Effect, JsonSchema, Tool, ToolExample } from "./tool.ts";

const NAME = /^[a-z0-9_-]{1,64}$/;
const EFFECTS: readonly string[] = ["pure", "read", "write"] satisfies Effect[];
const MAX_DESCRIPTION = 1024;
const MAX_TIMEOUT_MS = 600_000;
const CHECKED = Symbol.for("forerun.checked-tool");

/**
 * Makes a tool of an author's definition, or of a plain object of the same shape.
 * Throws ForerunError FR-E1401 that names every fault at once.
 */
export function checkTool(definition: unknown): Tool {
  if (isChecked(definition)) return definition;
  if (!isJsonObject(definition)) throw badTool("it", ["expected an object such as defineTool returns"]);
  return new DefinitionReader(definition).tool();
}

function isChecked(value: unknown): value is Tool {
  return typeof value === "object" && value !== null && CHECKED in value;
}

function badTool(name: string, problems: readonly string[]): ForerunError {
  return new ForerunError(
    "FR-E1401",
    "invalid_argument",
    `${name} is not a tool: ${problems.join("; ")}`,
    "correct the definition; docs/adding-a-tool.md lists the fields",
  );
}

/** Reads field by field and remembers what is wrong, so that the author sees all of it in one go. */
class DefinitionReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #problems: string[] = [];

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  tool(): Tool {
    const { input, run, render } = this.#fields;
    const tool = {
      name: this.#name(),
      description: this.#description(),
      effect: this.#effect(),
      input: this.#inputSchema(),
      output: this.#schema("output"),
      examples: this.#examples(),
      timeoutMs: this.#whole("timeoutMs", 1, MAX_TIMEOUT_MS),
      cacheTtlMs: this.#whole("cacheTtlMs", 0, Number.MAX_SAFE_INTEGER),
      costMicros: this.#fields.costMicros === undefined ? 0 : this.#whole("costMicros", 0, 2_147_483_647),
      refine: refinement(input),
      run: this.#function(run, "run") as Tool["run"],
      render: render === undefined ? undefined : (this.#function(render, "render") as Tool["render"]),
    };
    if (this.#problems.length > 0) {
      const name = this.#fields.name;
      throw badTool(typeof name === "string" && name ? name : "it", this.#problems);
    }
    return Object.freeze(Object.defineProperty(tool, CHECKED, { value: true }));
  }

  #name(): string {
    const { name } = this.#fields;
    if (typeof name === "string" && NAME.test(name)) return name;
    return this.#bad("name", "1 to 64 of a-z, 0-9, _ and -", name, "");
  }

  #description(): string {
    const { description } = this.#fields;
    const fits =
      typeof description === "string" && description.trim() && description.length <= MAX_DESCRIPTION;
    if (fits) return description;
    return this.#bad("description", `a text of 1 to ${MAX_DESCRIPTION} characters`, description, "");
  }

  #effect(): Effect {
    const { effect } = this.#fields;
    if (isEffect(effect)) return effect;
    return this.#bad("effect", '"pure", "read" or "write" (nothing is assumed)', effect, "write");
  }

  #whole(field: string, min: number, max: number): number {
    const value = this.#fields[field];
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
    return this.#bad(
      field,
      `a whole number of ${field.endsWith("Ms") ? "milliseconds" : "millionths of a US dollar"}, ${min} to ${max}`,
      value,
      min,
    );
  }

  #function(value: unknown, field: string): unknown {
    return typeof value === "function"
      ? value.bind(this.#fields)
      : this.#bad(field, "a function", value, undefined);
  }

  #schema(field: "input" | "output"): JsonSchema {
    const outcome = toJsonSchema(this.#fields[field], field);
    if (outcome.kind === "ok") return outcome.schema;
    this.#problems.push(`${field}: ${outcome.problem}`);
    return {};
  }

  #inputSchema(): JsonSchema {
    const schema = this.#schema("input");
    if (this.#problems.length === 0 && schema.type !== "object") {
      this.#problems.push('input: expected a schema of type "object", since arguments have names');
    }
    return schema;
  }

  #examples(): ToolExample[] {
    const { examples } = this.#fields;
    if (Array.isArray(examples) && examples.every(isExample))
      return examples.map((example) => ({ ...example }));
    return this.#bad("examples", "a list (it may be empty) of {text, arguments}", examples, []);
  }

  #bad<T>(field: string, expected: string, found: unknown, instead: T): T {
    const got = found === undefined ? "nothing" : (JSON.stringify(found)?.slice(0, 60) ?? typeof found);
    this.#problems.push(`${field}: expected ${expected}, got ${got}`);
    return instead;
  }
}

function isEffect(value: unknown): value is Effect {
  return typeof value === "string" && EFFECTS.includes(value);
}

function isExample(value: unknown): value is ToolExample {
  return isJsonObject(value) && typeof value.text === "string" && isJsonObject(value.arguments as JsonObject);
}

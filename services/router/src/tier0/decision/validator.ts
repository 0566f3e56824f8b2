import { addFormats } from "@forerun/toolkit/formats";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { JsonObject, ToolDefinition } from "../tool-definition.ts";

/** A schema larger than this is not compiled: its arguments count as unchecked. */
const LARGEST_SCHEMA = 64 * 1024;

/** Checks arguments against tools' schemas; each schema is compiled when its tool is first checked, and kept. */
export class ArgumentValidator {
  readonly #validators = new WeakMap<ToolDefinition, ValidateFunction | "unusable">();

  /** What is wrong with the arguments; undefined when they fit. A schema that does not compile accepts nothing. */
  problemOf(tool: ToolDefinition, args: JsonObject): string | undefined {
    const validate = this.#validatorOf(tool);
    if (validate === "unusable") return "the input schema cannot be compiled";
    if (validate(args)) return undefined;
    const [error] = validate.errors ?? [];
    const path = error?.instancePath.slice(1).replaceAll("/", ".") || "arguments";
    return `${path} ${error?.message ?? "do not fit"}`;
  }

  #validatorOf(tool: ToolDefinition): ValidateFunction | "unusable" {
    const known = this.#validators.get(tool);
    if (known !== undefined) return known;
    const made = compile(tool.input_schema);
    this.#validators.set(tool, made);
    return made;
  }
}

function compile(schema: JsonObject): ValidateFunction | "unusable" {
  try {
    if (JSON.stringify(schema).length > LARGEST_SCHEMA) return "unusable";
    // One instance a schema: ids of untrusted schemas must not meet.
    const ajv = new Ajv2020({ strict: false, logger: false, ownProperties: true, validateSchema: false });
    addFormats(ajv);
    return ajv.compile(schema);
  } catch {
    return "unusable";
  }
}

import type { JsonObject } from "@forerun/toolkit";
import { addFormats } from "@forerun/toolkit/formats";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { describeChoice, describeViolation, isBranch } from "./violation.ts";

/** Checks a value against one schema, filling in defaults; the problems in words, none when it fits. */
export type Validator = (value: unknown) => string[];

/** Problems reported of one value: a model corrects a few at a time. */
const MAX_PROBLEMS = 4;

/** Compiles JSON Schema 2020-12. Remote references are never fetched. */
export class SchemaCompiler {
  readonly #ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    // Errors carry the schema that they broke, to say what would have been right.
    verbose: true,
    useDefaults: true,
    logger: false,
    ownProperties: true,
  });

  constructor() {
    addFormats(this.#ajv);
  }

  /** Throws an Error that says what is wrong with the schema. */
  compile(schema: JsonObject): Validator {
    let validate: ValidateFunction;
    try {
      validate = this.#ajv.compile(schema);
    } finally {
      // Definitions come and go; ajv would keep each for good and refuse a second schema with the same $id.
      this.#ajv.removeSchema(schema);
    }
    return (value) => (validate(value) ? [] : describe(validate.errors ?? []));
  }
}

function describe(errors: readonly ErrorObject[]): string[] {
  const choices = errors.filter((error) => error.keyword === "anyOf" || error.keyword === "oneOf");
  const plain = errors.filter(
    (error) => !choices.some((choice) => error === choice || isBranch(error, choice)),
  );
  const problems = [
    ...plain.map(describeViolation),
    ...choices.map((choice) =>
      describeChoice(
        choice,
        errors.filter((error) => isBranch(error, choice)),
      ),
    ),
  ];
  return [...new Set(problems)].slice(0, MAX_PROBLEMS);
}

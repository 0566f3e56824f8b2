import { ForerunError } from "@forerun/runtime/forerun-error";

/** An error that names the request parameter at fault, as OpenAI's clients show it. */
export class OpenAiRefusal extends Error {
  readonly error: ForerunError;
  readonly param: string | undefined;
  readonly openAiCode: string;

  constructor(error: ForerunError, param: string | undefined, openAiCode: string) {
    super(error.message);
    this.error = error;
    this.param = param;
    this.openAiCode = openAiCode;
  }
}

export function refuse(message: string, param: string | undefined): OpenAiRefusal {
  const text = param ? `invalid value for '${param}': ${message}` : message;
  const error = new ForerunError(
    "FR-E1301",
    "invalid_argument",
    text,
    "See docs/api.md for what /v1 supports.",
  );
  return new OpenAiRefusal(error, param, "invalid_value");
}

export function unsupported(param: string): OpenAiRefusal {
  const error = new ForerunError(
    "FR-E1324",
    "invalid_argument",
    `'${param}' is not supported with this value`,
    `Leave '${param}' out; docs/api.md lists what /v1 supports.`,
  );
  return new OpenAiRefusal(error, param, "unsupported_parameter");
}

export function noSuchModel(model: string): OpenAiRefusal {
  const error = new ForerunError(
    "FR-E1325",
    "not_found",
    `the model ${JSON.stringify(model.slice(0, 128))} does not exist`,
    "GET /v1/models lists the names that are served.",
  );
  return new OpenAiRefusal(error, "model", "model_not_found");
}

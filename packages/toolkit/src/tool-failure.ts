/** Causes that a tool itself may name; the executor adds those that it finds. */
export const TOOL_FAILURE_CODES = [
  "invalid_arguments",
  "not_found",
  "not_configured",
  "unreachable",
  "denied",
  "failed",
] as const;

export type ToolFailureCode = (typeof TOOL_FAILURE_CODES)[number];

/**
 * Thrown by a tool for a failure that it expects, for example a place that does not exist.
 * The message is read by a model and by people: say what is wrong and what would work, in one or two sentences.
 */
export class ToolFailure extends Error {
  readonly code: ToolFailureCode;

  constructor(code: ToolFailureCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "ToolFailure";
    this.code = code;
  }
}

/** By name and code, since a tool may bring its own copy of this package. */
export function isToolFailure(error: unknown): error is ToolFailure {
  return (
    error instanceof Error &&
    error.name === "ToolFailure" &&
    "code" in error &&
    TOOL_FAILURE_CODES.some((code) => code === error.code)
  );
}

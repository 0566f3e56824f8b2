/** An error as a log line holds it. */
export type LoggedError = {
  type: string;
  code?: string | number;
  message?: string;
  /** Where it was made: the frames alone. */
  stack?: string;
  cause?: LoggedError;
};

/** Causes behind causes that are followed. */
const MAX_CAUSES = 4;
const MAX_MESSAGE = 500;

/**
 * What may be written of an error: kind, code, message and place, and the same of its causes. All other properties stay out,
 * since libraries hang what they worked on to their errors: Postgres a row's values, validators their input, clients bodies
 * and headers. So do messages of kinds that quote their input.
 */
export function loggedError(error: unknown, causes = MAX_CAUSES): LoggedError {
  if (!(error instanceof Error)) return { type: `thrown ${error === null ? "null" : typeof error}` };
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const stack = framesOf(error);
  return {
    type: error.name,
    ...((typeof code === "string" || typeof code === "number") && { code }),
    ...(!quotesInput(error, code) && { message: error.message.slice(0, MAX_MESSAGE) }),
    ...(stack && { stack }),
    ...(cause !== undefined && causes > 0 && { cause: loggedError(cause, causes - 1) }),
  };
}

/** The same without anybody's words, for errors of code that is not ours and may quote what it was given: kind, code and place. */
export function loggedPlace(error: unknown): LoggedError {
  return wordless(loggedError(error));
}

function wordless({ message: _, cause, ...place }: LoggedError): LoggedError {
  return { ...place, ...(cause && { cause: wordless(cause) }) };
}

/** JSON.parse shows the text around its fault, and Postgres (class 22, data exceptions) the value that it could not take. */
function quotesInput({ name }: Error, code: unknown): boolean {
  return name === "SyntaxError" || name === "ZodError" || (typeof code === "string" && /^22...$/.test(code));
}

/** The head of a stack repeats the message. */
function framesOf({ stack = "" }: Error): string {
  return stack
    .split("\n")
    .filter((line) => /^ {4}at /.test(line))
    .map((line) => line.trim())
    .join("\n");
}

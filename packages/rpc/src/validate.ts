import type { DescMessage, Message } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { BadRequestSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import { errorInfo } from "./error-details.ts";
import { tapStream } from "./message-stream.ts";

/** Checks every request message against the rules in its proto: INVALID_ARGUMENT with one violation a field. */
export function validating(): Interceptor {
  const validator = createValidator();
  const check = (schema: DescMessage, message: Message) => {
    const result = validator.validate(schema, message);
    if (result.kind === "invalid") throw badRequest(result.violations);
    if (result.kind === "error") throw result.error;
  };
  return (next) => (request) => {
    const { input } = request.method;
    if (!request.stream) {
      check(input, request.message);
      return next(request);
    }
    return next({
      ...request,
      message: tapStream(request.message, { each: (message) => check(input, message) }),
    });
  };
}

function badRequest(violations: readonly Violation[]): ConnectError {
  const fieldViolations = violations.map(({ field, message, ruleId }) => ({
    field: pathToString(field),
    description: message,
    reason: ruleId,
  }));
  const text = fieldViolations.map(({ field, description }) => `${field}: ${description}`).join("; ");
  return new ConnectError(text, Code.InvalidArgument, undefined, [
    errorInfo("FR-E1301", "Correct the named fields."),
    { desc: BadRequestSchema, value: { fieldViolations } },
  ]);
}

import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../tier0/tool-definition.ts";
import { withDefaults } from "../with-defaults.ts";

type Call = Readonly<{ name: string; arguments: JsonObject }>;
/** Without arguments any will do. */
export type ExpectedCall = Readonly<{ name: string; arguments?: JsonObject | undefined }>;

/** Each expected call is met by one that was made, in any order, and no other was made; a default and its absence are the same. */
export function sameCalls(
  made: readonly Call[],
  expected: readonly ExpectedCall[],
  schemaOf: (tool: string) => JsonObject | undefined,
): boolean {
  if (made.length !== expected.length) return false;
  const left = [...made];
  return expected.every((one) => {
    const at = left.findIndex((call) => sameCall(call, one, schemaOf(one.name) ?? {}));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function sameCall(made: Call, expected: ExpectedCall, schema: JsonObject): boolean {
  if (made.name !== expected.name) return false;
  if (expected.arguments === undefined) return true;
  return isDeepStrictEqual(withDefaults(schema, made.arguments), withDefaults(schema, expected.arguments));
}

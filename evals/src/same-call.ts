import type { JsonObject } from "@bufbuild/protobuf";
import { withDefaults } from "@forerun/router/with-defaults";
import type { DecidedCall } from "./decision.ts";
import type { Meanings } from "./meanings.ts";
import { plainText, plainValue } from "./plain-value.ts";
import { type ExpectedArguments, type ExpectedCall, isAlternatives, isContains } from "./routing-case.ts";

export type Comparison = Readonly<{
  /** Input schemas by tool, for their defaults: to leave one out and to name it are the same. */
  schemas: ReadonlyMap<string, JsonObject>;
  meanings: Meanings;
}>;

/** Whether the calls are those expected, each once; in the order given unless any order will do. */
export function sameCalls(
  made: readonly DecidedCall[],
  { calls, any_order }: Readonly<{ calls: readonly ExpectedCall[]; any_order: boolean }>,
  how: Comparison,
): boolean {
  if (made.length !== calls.length) return false;
  if (!any_order) return calls.every((call, at) => sameCall(made[at], call, how));
  const left = [...made];
  return calls.every((call) => {
    const at = left.findIndex((one) => sameCall(one, call, how));
    return at >= 0 && left.splice(at, 1).length === 1;
  });
}

function sameCall(made: DecidedCall | undefined, expected: ExpectedCall, how: Comparison): boolean {
  if (made?.name !== expected.name) return false;
  if (expected.arguments === undefined) return true;
  return variants(expected.arguments).some((args) => sameArguments(made, args, how));
}

/** Every choice among `one_of`; null leaves the argument out. */
function variants(args: ExpectedArguments): ExpectedArguments[] {
  let found: ExpectedArguments[] = [{}];
  for (const [name, value] of Object.entries(args)) {
    const choices = isAlternatives(value) ? value.one_of : [value];
    found = found.flatMap((one) =>
      choices.map((choice) => (choice === null ? one : { ...one, [name]: choice })),
    );
  }
  return found;
}

function sameArguments(made: DecidedCall, expected: ExpectedArguments, how: Comparison): boolean {
  const [rest, exact] = [{ ...made.arguments }, {} as JsonObject];
  for (const [name, value] of Object.entries(expected)) {
    if (!isContains(value)) {
      exact[name] = value as JsonObject[string];
      continue;
    }
    const text = plainText(String(rest[name] ?? ""));
    if (!value.contains.every((part) => text.includes(plainText(part)))) return false;
    delete rest[name];
  }
  return comesTo(made.name, rest, how) === comesTo(made.name, exact, how);
}

function comesTo(tool: string, args: JsonObject, { schemas, meanings }: Comparison): string {
  const whole = withDefaults(schemas.get(tool) ?? {}, args) as JsonObject;
  return JSON.stringify(plainValue(meanings.get(tool)?.(whole) ?? whole));
}

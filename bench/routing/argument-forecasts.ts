import type { Forecast } from "@forerun/router/calibration/calibration-error";
import type { Extraction } from "@forerun/router/tier0/arguments/extract";
import { type ValueType, valueTypeOf } from "@forerun/router/tier0/arguments/value-type";
import type { Parameter } from "@forerun/router/tier0/parameters/parameter";
import type { Json } from "@forerun/router/tier0/tool-definition";
import { type ExpectedCall, isOptional, sameValue } from "./call-score.ts";

/** How sure an argument was, and whether it was right. */
export type ArgumentForecast = Forecast & Readonly<{ type: ValueType }>;

/** One for each parameter of the tool that was to be called. */
export function argumentForecasts(
  { assignments }: Extraction,
  expected: ExpectedCall,
): readonly ArgumentForecast[] {
  return assignments.map(({ parameter, candidate, probability }) => {
    const { choices, optional } = allowedAt(parameter, expected.arguments);
    const happened =
      candidate === undefined ? optional : choices.some((choice) => sameValue(candidate.value, choice));
    return { type: valueTypeOf(parameter, candidate), probability, happened, weight: 1 };
  });
}

type Allowed = { choices: Json[]; optional: boolean };

/** What is right at a parameter's path; objects among the right values list alternatives for each of their keys. */
export function allowedAt(parameter: Parameter, args: Readonly<Record<string, readonly Json[]>>): Allowed {
  let choices: readonly Json[] | undefined = args[parameter.path[0] ?? ""];
  for (const key of parameter.path.slice(1)) {
    const inner = (choices ?? []).flatMap((choice) => {
      const object = typeof choice === "object" && choice !== null && !Array.isArray(choice) ? choice : {};
      const value = object[key];
      return value === undefined ? [] : Array.isArray(value) ? value : [value];
    });
    choices = inner.length > 0 ? inner : undefined;
  }
  return {
    choices: (choices ?? []).filter((choice) => choice !== ""),
    optional: choices === undefined || isOptional(choices),
  };
}

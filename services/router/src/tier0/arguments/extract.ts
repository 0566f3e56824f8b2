import type { Parameter } from "../parameters/parameter.ts";
import type { Utterance } from "../spans/utterance.ts";
import { isJsonObject, type Json, type JsonObject } from "../tool-definition.ts";
import { type ArgumentPrior, type Assignment, assign } from "./assign.ts";

/** Arguments read from one clause. */
export type Extraction = Readonly<{
  arguments: JsonObject;
  /** Dotted paths of required parameters nothing was found for. */
  missing: readonly string[];
  /** Probability that all of them are right, by the fitted prior; 1 for a tool without parameters. */
  probability: number;
  /** Parameters that got a value from the text. */
  filled: number;
  assignments: readonly Assignment[];
}>;

export function extractArguments(
  parameters: readonly Parameter[],
  toolStems: ReadonlySet<string>,
  utterance: Utterance,
  prior: ArgumentPrior,
): Extraction {
  return fromAssignments(assign(parameters, toolStems, utterance, prior));
}

export function fromAssignments(chosen: readonly Assignment[]): Extraction {
  const assignments = withoutBrokenBranches(chosen);
  const args: JsonObject = {};
  for (const { parameter, candidate } of assignments) {
    if (candidate !== undefined) setPath(args, parameter.path, candidate.value);
  }
  const missing = assignments
    .filter(({ parameter, candidate }) => candidate === undefined && parameter.required)
    .map(({ parameter }) => parameter.path.join("."));
  return {
    arguments: args,
    missing,
    probability: allRight(assignments),
    filled: assignments.filter(({ candidate }) => candidate !== undefined && candidate.from >= 0).length,
    assignments,
  };
}

/**
 * Errors that have nothing to do with each other would leave the product, errors that come together the least sure argument.
 * They do either; the truth is taken to lie in the middle, by logarithms.
 */
function allRight(assignments: readonly Assignment[]): number {
  const probabilities = assignments.map(({ probability }) => probability);
  const product = probabilities.reduce((all, one) => all * one, 1);
  return Math.sqrt(product * Math.min(1, ...probabilities));
}

/** Where one set of alternatives is complete, pieces of the others are noise. */
function withoutBrokenBranches(assignments: readonly Assignment[]): readonly Assignment[] {
  const incomplete = new Set(
    assignments.flatMap(({ parameter, candidate }) => (candidate === undefined ? parameter.branches : [])),
  );
  const complete = assignments.some(({ parameter }) =>
    parameter.branches.some((branch) => !incomplete.has(branch)),
  );
  if (!complete) return assignments;
  return assignments.map((one): Assignment => {
    const { branches } = one.parameter;
    const broken = branches.length > 0 && branches.every((branch) => incomplete.has(branch));
    return broken ? { ...one, candidate: undefined } : one;
  });
}

/** Defines rather than assigns, so that a parameter called __proto__ is a plain key. */
function setPath(target: JsonObject, path: readonly string[], value: Json): void {
  let here = target;
  for (const key of path.slice(0, -1)) {
    const inner = Object.hasOwn(here, key) ? here[key] : undefined;
    if (inner !== undefined && isJsonObject(inner)) here = inner;
    else here = define(here, key, {});
  }
  define(here, path.at(-1) ?? "", value);
}

function define<T extends Json>(target: JsonObject, key: string, value: T): T {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  return value;
}

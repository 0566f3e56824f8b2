import type { Assignment } from "../arguments/assign.ts";
import { type Extraction, fromAssignments } from "../arguments/extract.ts";
import type { Draft } from "./draft.ts";

/**
 * The calls that clauses make together. A clause whose call lacks what an earlier call of the same tool has takes it over
 * ("… then repeat with 10 seconds"); clauses that call one tool with values that do not conflict are one question.
 * A call that does not fit its tool's schema is left out. Undefined with fewer than `least` calls, and when the clauses are
 * better read as one text.
 */
export function combineClauses(
  clauses: readonly (Draft | undefined)[],
  whole: Draft | undefined,
  { threshold, least, fits }: Readonly<{ threshold: number; least: number; fits: (draft: Draft) => boolean }>,
): Draft[] | undefined {
  const calls: Draft[] = [];
  for (const draft of clauses) {
    if (draft === undefined) continue;
    const earlier = calls.findLast((call) => sameTool(call, draft));
    const candidate = earlier === undefined ? draft : inherit(draft, earlier);
    if (candidate.pTool < threshold || candidate.extraction.missing.length > 0 || !fits(candidate)) continue;
    if (earlier !== undefined && draft.extraction.filled === 0) continue;
    if (earlier !== undefined && !conflicts(earlier.extraction, draft.extraction)) return undefined;
    calls.push(candidate);
  }
  if (calls.length < least) return undefined;
  return calls.length > 1 && isOneTool(calls) && !surerApart(calls, whole) ? undefined : calls;
}

function isOneTool(calls: readonly Draft[]): boolean {
  return calls.every((call) => sameTool(call, calls[0] ?? call));
}

const SURE_CLAUSE = 0.45;

/** Calls of one tool stand when each is read at least as surely as the whole message taken as one call. */
function surerApart(calls: readonly Draft[], whole: Draft | undefined): boolean {
  const complete = whole !== undefined && whole.extraction.missing.length === 0;
  const least = Math.max(SURE_CLAUSE, complete ? whole.extraction.probability : 0);
  return calls.every(({ extraction }) => extraction.probability >= least);
}

function sameTool(a: Draft, b: Draft): boolean {
  return a.ranked.tool.definition.name === b.ranked.tool.definition.name;
}

function inherit(draft: Draft, earlier: Draft): Draft {
  const assignments = draft.extraction.assignments.map((own): Assignment => {
    const other = earlier.extraction.assignments.find(({ parameter }) => parameter === own.parameter);
    return own.candidate === undefined && other?.candidate !== undefined ? other : own;
  });
  return { ...draft, extraction: fromAssignments(assignments) };
}

/** Two readings conflict where both give a required parameter, or both the only one, different values. */
function conflicts(a: Extraction, b: Extraction): boolean {
  const values = new Map(a.assignments.map(({ parameter, candidate }) => [parameter, candidate?.value]));
  const both = b.assignments.filter(
    ({ parameter, candidate }) => candidate !== undefined && values.get(parameter) !== undefined,
  );
  const decisive = both.filter(
    ({ parameter }) => parameter.required && typeof values.get(parameter) !== "boolean",
  );
  return decisive.some(
    ({ parameter, candidate }) => JSON.stringify(candidate?.value) !== JSON.stringify(values.get(parameter)),
  );
}

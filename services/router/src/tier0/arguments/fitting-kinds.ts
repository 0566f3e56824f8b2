import { hasRole, type Parameter } from "../parameters/parameter.ts";
import { readsAsExpression } from "../spans/expressions.ts";
import type { Utterance } from "../spans/utterance.ts";
import type { Candidate } from "./candidate.ts";
import { isCounted } from "./counted.ts";

/**
 * Leaves out what a parameter of a kind cannot be, however well it stands: words that are no sum for an expression, a number for a
 * currency, "zones exist" for a zone.
 */
export function fittingKinds(
  parameter: Parameter,
  candidates: readonly Candidate[],
  utterance: Utterance,
): readonly Candidate[] {
  if (parameter.roles.byName.has("expression")) return candidates.filter(isExpression);
  if (parameter.roles.byName.has("zone")) return zonesAmong(candidates);
  for (const measure of ["currency", "unit"] as const)
    if (hasRole(parameter, measure)) return measuresAmong(measure, parameter, candidates, utterance);
  return candidates;
}

const WRITTEN = new Set(["quote", "code", "option", "expression"]);

function isExpression({ text, tags }: Candidate): boolean {
  return tags.some((tag) => WRITTEN.has(tag)) || readsAsExpression(text);
}

/** A zone or a place that is known; else what is written like a name. */
function zonesAmong(candidates: readonly Candidate[]): readonly Candidate[] {
  const known = candidates.filter(({ tags }) => tags.includes("known.zone"));
  if (known.length > 0) return known;
  return candidates.filter(({ tags }) => tags.some((tag) => tag === "name" || WRITTEN.has(tag)));
}

/** Where units or currencies are named, nothing else is one. */
function measuresAmong(
  measure: "currency" | "unit",
  parameter: Parameter,
  candidates: readonly Candidate[],
  utterance: Utterance,
): readonly Candidate[] {
  const named = candidates.filter(
    ({ tags }) => tags.includes(`known.${measure}`) || tags.includes("option") || tags.includes("quote"),
  );
  if (!named.some(({ tags }) => tags.includes(`known.${measure}`)))
    return candidates.filter(({ tags }) => !tags.includes("digits"));
  return onItsSide(parameter, named, utterance);
}

/** "how many pounds are 72 kg": what a number counts is converted from, never to. */
function onItsSide(
  { roles }: Parameter,
  named: readonly Candidate[],
  utterance: Utterance,
): readonly Candidate[] {
  const given = (candidate: Candidate): boolean =>
    isCounted(candidate, utterance.tokens) || isBeforeArrow(candidate, utterance);
  const counted = named.filter(given);
  const asked = named.filter((candidate) => !counted.includes(candidate));
  if (counted.length === 0 || asked.length === 0) return named;
  if (roles.byName.has("origin")) return counted.map((one) => tagged(one, "measure.counted"));
  if (roles.byName.has("target")) return asked.map((one) => tagged(one, "measure.asked"));
  return named;
}

function tagged(candidate: Candidate, tag: string): Candidate {
  return { ...candidate, tags: [...candidate.tags, tag] };
}

/** "usd->eur", "km → miles". */
function isBeforeArrow({ end }: Candidate, { text }: Utterance): boolean {
  return /^\s?(?:[-=]{1,2}>|→)/.test(text.slice(end, end + 4));
}

import { type Extraction, extractArguments, fromAssignments } from "../arguments/extract.ts";
import type { ToolIndex } from "../ranking/tool-index.ts";
import { type Clock, readUtterance } from "../spans/utterance.ts";
import { STOP_WORDS } from "../text/word-classes.ts";
import { readClause } from "./draft.ts";
import type { Means } from "./means.ts";
import type { Tier0Call } from "./tier0-decision.ts";
import { toCall } from "./to-call.ts";

type Assignment = Extraction["assignments"][number];

const SURE_TOOL = 0.5;
const SURE_VALUE = 0.3;

/**
 * "and in Paris?": the call of the message before with the fragment's values put in. Safe only when that message made a
 * complete call, the fragment gives it something, and nothing of the fragment is left over.
 */
export function varyCall(
  index: ToolIndex,
  related: { before: string; fragment: string },
  clock: Clock,
  means: Means,
): Tier0Call | undefined {
  const [draft] = readClause(index, related.before, clock, means.prior).drafts;
  if (draft === undefined || draft.pTool < SURE_TOOL || draft.extraction.missing.length > 0) return undefined;
  const { tool } = draft.ranked;
  const utterance = readUtterance(related.fragment, means.prior.lexicon, clock);
  const fresh = extractArguments(tool.parameters, tool.toolStems, utterance, means.prior.arguments);
  const sure = fresh.assignments.filter(
    ({ candidate, probability }) =>
      candidate !== undefined && candidate.from >= 0 && probability >= SURE_VALUE,
  );
  if (!sure.every((one) => isOfTheKind(one, draft.extraction.assignments))) return undefined;
  if (sure.length === 0 || !explains(sure, utterance.tokens, tool.toolStems)) return undefined;
  const merged = draft.extraction.assignments.map(
    (before) => sure.find(({ parameter }) => parameter === before.parameter) ?? before,
  );
  const extraction = fromAssignments(merged);
  if (means.validator.problemOf(tool.definition, extraction.arguments) !== undefined) return undefined;
  return toCall({ ...draft, extraction });
}

/** Kinds of values that nothing else can stand in for. */
const SHAPED = ["expression", "date", "digits"];

/** A place may stand where a place or a name was, but not where a sum or a date was. */
function isOfTheKind(fresh: Assignment, known: Extraction["assignments"]): boolean {
  const replaced = known.find(({ parameter }) => parameter === fresh.parameter)?.candidate;
  const shape = SHAPED.find((tag) => replaced?.tags.includes(tag));
  return shape === undefined || (fresh.candidate?.tags.includes(shape) ?? false);
}

function explains(
  sure: Extraction["assignments"],
  tokens: readonly { kind: string; lower: string; stem: string }[],
  toolStems: ReadonlySet<string>,
): boolean {
  return tokens.every(
    (token, at) =>
      token.kind === "mark" ||
      STOP_WORDS.has(token.lower) ||
      toolStems.has(token.stem) ||
      sure.some(({ candidate }) => candidate !== undefined && candidate.from <= at && at < candidate.to),
  );
}

/** When an early start is worth its risk. */

export type SpeculationPolicy = {
  enabled: boolean;
  /** Answers may start early too, for turns that do not say otherwise. */
  answer: boolean;
  minPTool: number;
  minPArguments: number;
  maxPerTurn: number;
  /** Share of early work that may be thrown away before a tenant stops speculating. */
  maxWaste: number;
};

/** A drafted call as the rule sees it; times in milliseconds, cost in millionths of a US dollar. */
export type Prospect = {
  pTool: number;
  pArguments: number;
  /** How long the tool and the decision are expected to take: what overlaps is what can be saved. */
  toolMs: number;
  routeMs: number;
  costMicros: number;
};

/** What a millisecond of a person's waiting is held to be worth: ten dollars an hour. */
const MICROS_A_MS = 10_000_000 / 3_600_000;
/** What a free call costs all the same: the back end's work. */
const LEAST_COST_MICROS = 20;

/** True when an early start pays, and both heads are above the policy's floors. */
export function worthLaunching(prospect: Prospect, policy: SpeculationPolicy): boolean {
  const { pTool, pArguments } = prospect;
  if (pTool < policy.minPTool || pArguments < policy.minPArguments) return false;
  return pays(pTool * pArguments, Math.min(prospect.toolMs, prospect.routeMs), prospect.costMicros);
}

/** True when p(hit) × time saved is worth more than (1 − p) × cost. */
export function pays(hit: number, savedMs: number, costMicros: number): boolean {
  const cost = Math.max(LEAST_COST_MICROS, costMicros);
  return hit * Math.max(0, savedMs) * MICROS_A_MS > (1 - hit) * cost;
}

/** Between these, the first draft may well be wrong, so that a second one is worth a place. */
const SECOND_DRAFT = { from: 0.4, to: 0.85 };

/**
 * Only the first draft starts, unless its probability says that the second may be the right one; or unless the two are no
 * alternatives, because they are likelier than that together.
 */
export function mayStartAnother(firstPTool: number, pTool: number): boolean {
  const doubtful = firstPTool >= SECOND_DRAFT.from && firstPTool <= SECOND_DRAFT.to;
  return doubtful || firstPTool + pTool > 1;
}

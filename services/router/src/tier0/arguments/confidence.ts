import type { ValueType } from "./value-type.ts";

/** How far the scorer's probability of a choice is to be believed, by the type of the value: a line over its logit. */
export type Confidence = Readonly<Record<ValueType, Readonly<{ slope: number; bias: number }>>>;

/** Logits beyond this tell no more. */
const LARGEST_LOGIT = 8;

/** The probability that a choice is right; `chosen` is the scorer's, among the parameter's alternatives. */
export function confidenceIn(chosen: number, type: ValueType, confidence: Confidence): number {
  const { slope, bias } = confidence[type];
  return 1 / (1 + Math.exp(-(bias + slope * boundedLogit(chosen))));
}

export function boundedLogit(probability: number): number {
  const logit = Math.log(probability / (1 - probability));
  return Math.max(-LARGEST_LOGIT, Math.min(LARGEST_LOGIT, logit));
}

import { type Measurement, summary } from "../measurement.ts";

export type Aim = { atMost: number } | { atLeast: number };

/**
 * Figures under load. An aim bounds the median, or the ratio to the reference where there is one and `of` names it: counts of a
 * thing that must not happen have the aim `{ atMost: 0 }`.
 */
export function figure(
  label: string,
  metric: string,
  unit: string,
  values: readonly number[],
  against: { aim?: Aim; reference?: number; of?: string } = {},
): Measurement {
  const spread = summary(values);
  const { aim, reference, of } = against;
  const ratio = reference ? spread.median / reference : null;
  const judged = of && ratio !== null ? ratio : spread.median;
  return {
    ...{ bench: "load", case: label, metric, unit, ...spread },
    ...{ reference: reference ?? null, ratio },
    aim: aim ? `${wording(aim)}${of ? ` × ${of}` : ` ${unit}`}`.trimEnd() : null,
    met: aim ? holds(aim, judged) : null,
  };
}

function wording(aim: Aim): string {
  return "atMost" in aim ? `<= ${aim.atMost}` : `>= ${aim.atLeast}`;
}

function holds(aim: Aim, value: number): boolean {
  return "atMost" in aim ? value <= aim.atMost : value >= aim.atLeast;
}

import { convert, type Unit as LibraryUnit } from "convert";
import type { Unit } from "./unit.ts";

/** Digits that survive floating-point conversion; more would show its noise. */
const SIGNIFICANT = 12;

/** Converts between two units of one kind. */
export function convertValue(value: number, from: Unit, to: Unit): number {
  const inBase = value * from.factor;
  const converted =
    from.base === "m/s" || to.base === "m/s" || from.base === to.base
      ? inBase
      : convert(inBase, from.base).to(to.base as LibraryUnit);
  return Number((converted / to.factor).toPrecision(SIGNIFICANT));
}

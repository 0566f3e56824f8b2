/** What formatting needs of a decimal; decimal.js and its kin have it. */
export type Decimal = {
  isInteger(): boolean;
  toFixed(): string;
  /** "1.5e+3"; short however large the number is, unlike toFixed. */
  toExponential(): string;
  toSignificantDigits(digits: number): Decimal;
  /** Exponent of the first digit: 2 for 123. */
  e: number;
};

const SIGNIFICANT = 12;
const LONGEST_INTEGER = 40;
const SMALLEST_EXPONENT = -7;

/** A number as people write it: grouped digits, twelve significant ones of a fraction, powers of ten beyond that. */
export function display(value: Decimal): string {
  if (value.isInteger() && value.e < LONGEST_INTEGER) return grouped(value.toFixed());
  const rounded = value.toSignificantDigits(SIGNIFICANT);
  if (rounded.e >= SIGNIFICANT || rounded.e < SMALLEST_EXPONENT) return scientific(rounded);
  return grouped(rounded.toFixed());
}

function grouped(digits: string): string {
  const [whole = "", fraction] = digits.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

function scientific(value: Decimal): string {
  return value.toExponential().replace(/e\+?/, " × 10^");
}

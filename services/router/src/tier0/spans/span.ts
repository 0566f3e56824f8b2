/** A stretch of the text that may be an argument. Offsets are UTF-16 code units. */
export type Span = Readonly<{ start: number; end: number; text: string }>;

export function overlaps(a: { start: number; end: number }, b: { start: number; end: number }): boolean {
  return a.start < b.end && b.start < a.end;
}

/**
 * Decides which tools are in use by patterns such as "*", "get_*" or "!stock_quote": `*` stands for anything, a pattern with
 * `!` takes away what those before it allowed, and the last one that fits a name counts.
 */
export function toolFilter(patterns: readonly string[]): (name: string) => boolean {
  const rules = patterns.map((pattern) => {
    const allows = !pattern.startsWith("!");
    return { allows, pieces: (allows ? pattern : pattern.slice(1)).split("*") };
  });
  return (name) => rules.findLast((rule) => fits(name, rule.pieces))?.allows ?? false;
}

/** Piece by piece from the left, so that no pattern takes more than linear time. */
function fits(name: string, pieces: readonly string[]): boolean {
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

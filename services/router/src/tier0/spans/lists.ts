import type { Span } from "./span.ts";

export type ListSpan<T extends Span> = Span & Readonly<{ items: readonly T[]; bracketed: boolean }>;

const SEPARATOR = /^(?:\s*,\s*(?:and\s+|or\s+|&\s*)?|\s+(?:and|or|&)\s+|\s*;\s*|\s+)$/i;

/**
 * Runs of two or more spans with nothing but separators between them: "12, 24 and 36", "'Age', 'Income' and 'Education'".
 * `gap` may allow more between items, for example the quotes around them.
 */
export function findLists<T extends Span>(text: string, spans: readonly T[], gap = SEPARATOR): ListSpan<T>[] {
  const lists: ListSpan<T>[] = [];
  let run: T[] = [];
  const flush = (): void => {
    if (run.length > 1) lists.push(listSpan(text, run));
    run = [];
  };
  for (const span of spans) {
    const last = run.at(-1);
    if (last !== undefined) {
      if (span.start < last.end) continue;
      const between = text.slice(last.end, span.start);
      if (!gap.test(between) || /^\s+$/.test(between)) flush();
    }
    run.push(span);
  }
  flush();
  return lists;
}

/** A run of one is a list too where brackets say so. */
export function bracketedLists<T extends Span>(text: string, spans: readonly T[]): ListSpan<T>[] {
  const lists: ListSpan<T>[] = [];
  for (const match of text.matchAll(/[[({]([^[\](){}]{1,2000})[\])}]/g)) {
    const start = match.index;
    const end = start + match[0].length;
    const items = spans.filter((span) => span.start > start && span.end <= end);
    if (items.length > 0) lists.push({ start, end, text: match[0], items, bracketed: true });
  }
  return lists;
}

function listSpan<T extends Span>(text: string, items: readonly T[]): ListSpan<T> {
  const start = items[0]?.start ?? 0;
  const end = items.at(-1)?.end ?? start;
  return {
    start,
    end,
    text: text.slice(start, end),
    items,
    bracketed: /[[({]\s*['"]?$/.test(text.slice(0, start)),
  };
}

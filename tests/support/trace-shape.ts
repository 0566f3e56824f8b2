import type { ReceivedSpan } from "@forerun/testing/spans/received-span";
import { expect } from "vitest";

/** Those of a trace whose parents are not among them; one, the root, where all of it has come. */
export function unrooted(trace: readonly ReceivedSpan[]): ReceivedSpan[] {
  const known = new Set(trace.map(({ spanId }) => spanId));
  return trace.filter(({ parentId }) => !known.has(parentId));
}

/** The spans of one trace, after checking that they are one tree: a single root, or none but under `from`, and no orphan. */
export function oneTrace(spans: readonly ReceivedSpan[], traceId: string, from = ""): ReceivedSpan[] {
  const trace = spans.filter((span) => span.traceId === traceId);
  expect(unrooted(trace).map(({ name, parentId }) => ({ name, parentId }))).toEqual([
    { name: expect.any(String), parentId: from },
  ]);
  expect(new Set(trace.map(({ spanId }) => spanId)).size).toBe(trace.length);
  return trace;
}

/** Names from the root to each span, with their services: `chat forerun.turn > chat forerun.begin`. */
export function paths(trace: readonly ReceivedSpan[]): string[] {
  const byId = new Map(trace.map((span) => [span.spanId, span]));
  const pathOf = (span: ReceivedSpan): string => {
    const parent = byId.get(span.parentId);
    const own = `${span.service} ${span.name}`;
    return parent ? `${pathOf(parent)} > ${own}` : own;
  };
  return trace.map(pathOf);
}

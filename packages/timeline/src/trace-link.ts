/** Where the trace of a turn is shown: `pattern` with `{trace_id}` filled in; undefined without a pattern, or for an untraced turn. */
export function traceLink(pattern: string | undefined, traceId: string): string | undefined {
  return pattern && traceId ? pattern.replaceAll("{trace_id}", traceId) : undefined;
}

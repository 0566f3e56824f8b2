/** Which tests are to fail without a guard, by its id or by the beginning of ids. One that is missing here fails the run. */
const CAUGHT_BY: Readonly<Record<string, readonly string[]>> = {
  "auth.": ["packages/auth/src/token-verifier.test.ts", "packages/auth/src/attacks.test.ts"],
  "auth.role": ["tests/isolation/callers.test.ts"],
  "bus.": ["packages/bus/src/subject.test.ts"],
  "cache.": ["packages/cache/src/cache.test.ts", "packages/cache/src/shared-cache.test.ts"],
  "chat.follow.": ["tests/isolation/live-turns.test.ts"],
  "chat.http.": ["services/chat/src/http/same-origin.test.ts"],
  "chat.lane": ["tests/lanes.test.ts"],
  "chat.quota.": ["tests/isolation/cross-tenant.test.ts"],
  "chat.rows.": ["tests/isolation/rows.test.ts"],
  "chat.standing.": ["tests/isolation/live-turns.test.ts"],
  "chat.stop.": ["tests/isolation/live-turns.test.ts"],
  "chat.watched.": ["tests/isolation/live-turns.test.ts"],
  "db.": ["packages/db/src/transaction.test.ts", "tests/isolation/rows.test.ts"],
  "llm.": ["packages/llm/src/tier-models.test.ts"],
  "memory.rows.": ["tests/isolation/rows.test.ts"],
  "quota.": ["packages/quota/src/tenant-place.test.ts"],
  "rpc.": ["tests/isolation/callers.test.ts"],
  "runtime.": ["packages/runtime/src/loopback.test.ts"],
  "tool-executor.": ["tests/lanes.test.ts"],
  "tools.invocation.": ["tests/isolation/tool-calls.test.ts"],
  "tools.kept.": ["services/tool-executor/src/result-reuse.test.ts"],
  "tools.rows.": ["tests/isolation/rows.test.ts"],
  "tools.running.": ["tests/isolation/tool-calls.test.ts"],
  "tools.runs.": ["services/tool-executor/src/result-reuse.test.ts"],
};

/** Undefined where nobody said. */
export function testsOf(id: string): readonly string[] | undefined {
  const known = Object.keys(CAUGHT_BY).filter((start) => id.startsWith(start));
  const [nearest] = known.sort((a, b) => b.length - a.length);
  return nearest === undefined ? undefined : CAUGHT_BY[nearest];
}

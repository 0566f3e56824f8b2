import { startPostgres } from "@forerun/components/postgres";
import { skipWithout } from "@forerun/testing/skip-without";
import { expect, it } from "vitest";
import { begin, created, freshCaller, startLog } from "./fixtures/log-bench.ts";
import { APPEND } from "./turn-statements.ts";

skipWithout("postgres")("deleting a conversation while a turn of it is written", () => {
  it("leaves no event behind that was being appended", async () => {
    await using bench = await startLog(async () => {
      const { url, ...server } = await startPostgres();
      return { location: { url }, ...server };
    });
    const { db, log, conversations } = bench;
    const caller = freshCaller();
    const { lease } = await begin(log, caller);
    await log.append(lease, [created(lease)]);
    let removed: Promise<boolean> | undefined;
    await db.system("chat_log", async (query) => {
      await query(APPEND, [[lease.turnId], [2], [2], [1], [Buffer.alloc(0)]]);
      removed = conversations.remove(caller, lease.conversationId);
      await blocked(db);
    });
    expect(await removed).toBe(true);
    const left = {
      name: "left",
      text: "select count(*)::int as n from chat.turn_events where turn_id = $1::uuid",
    };
    expect(await db.systemQuery("chat_log", left, [lease.turnId])).toEqual([{ n: 0 }]);
  });
});

/** Resolves when some statement waits for a lock. */
async function blocked(db: Awaited<ReturnType<typeof startLog>>["db"]): Promise<void> {
  const waiting = { name: "waiting", text: "select count(*)::int as n from pg_locks where not granted" };
  for (;;) {
    const [row] = await db.systemQuery<{ n: number }>("chat_log", waiting);
    if (row && row.n > 0) return;
  }
}

/** Each service's schema with a row of one tenant in each of its tables. */
import { openLog, wholeTurn } from "@forerun/chat/store/fixtures/log-bench";
import { CHAT_SCHEMA } from "@forerun/chat/store/schema";
import type { Database, Statement } from "@forerun/db/database";
import type { OpenOptions } from "@forerun/db/open";
import { putDocument } from "@forerun/memory/store/documents";
import { MEMORY_SCHEMA } from "@forerun/memory/store/schema";
import type { Caller } from "@forerun/runtime/caller";
import { TOOLS_SCHEMA } from "@forerun/tool-executor/invocations/schema";

export const statement = (text: string): Statement => ({ name: "", text });

export type SeededSchema = Readonly<{
  options: Omit<OpenOptions, "log">;
  /** Those that hold rows of tenants. */
  tables: readonly string[];
  /** Leaves at least one row in each for the caller's tenant. */
  seed(db: Database, caller: Caller): Promise<void>;
}>;

export const SCHEMAS: readonly SeededSchema[] = [
  {
    options: CHAT_SCHEMA,
    tables: ["conversations", "turns", "messages", "turn_events", "usage"],
    async seed(db, caller) {
      await using log = await openLog(db);
      const { turnId } = await wholeTurn(log, caller, ["408"]);
      const used = `insert into chat.usage (turn_id, kind, name, tenant_id, subject, calls, input_tokens, output_tokens, cost_micros)
        values ($1::uuid, 'model', 'small', current_setting('app.tenant'), 'u1', 1, 2, 3, 4)`;
      await db.query(caller, statement(used), [turnId]);
    },
  },
  {
    options: MEMORY_SCHEMA,
    tables: ["documents", "chunks", "chunk_terms"],
    async seed(db, caller) {
      await putDocument(db, caller, {
        uri: "a.txt",
        mediaType: "text/plain",
        text: "Some words.",
        title: "",
      });
    },
  },
  {
    options: TOOLS_SCHEMA,
    tables: ["invocations"],
    async seed(db, caller) {
      const insert = `insert into tools.invocations (tenant_id, id, turn_id, call_id, tool, run, state, alive_until)
        values (current_setting('app.tenant'), 'i1', 't1', 'c1', 'probe', gen_random_uuid(), 'done', now())`;
      await db.query(caller, statement(insert));
    },
  },
];

/** What the chat store's rows must be while no process runs; looked at by SQL, past all code that serves them. */
import { decodeEvents } from "@forerun/chat/event-codec-wire";
import { CHAT_SCHEMA } from "@forerun/chat/store/schema";
import { isTerminal } from "@forerun/chat/store/terminal-event";
import type { Database } from "@forerun/db/database";
import { openDatabase } from "@forerun/db/open";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";

type TurnRow = {
  id: string;
  state: string;
  epoch: number;
  whole: boolean;
  last_seq: number;
  said: number;
  answered: number;
};
type ChunkRow = { turn_id: string; epoch: number; first_seq: number; last_seq: number; data: Uint8Array };

export type StoreAudit = { turns: number; events: number; violations: string[] };

/** Opens the PGlite folder of a stopped server. */
export async function auditChatStore(dataDir: string): Promise<StoreAudit> {
  await using db = await openDatabase({ dataDir, folder: "chat" }, { ...CHAT_SCHEMA, log: silentLogger });
  const read = <R>(name: string, text: string) => rowsOf<R>(db, name, text);
  const turns = await read<TurnRow>("audit.turns", TURNS);
  const chunks = await read<ChunkRow>("audit.chunks", CHUNKS);
  const [orphans] = await read<{ count: number }>("audit.orphans", ORPHANS);
  const violations = turns.flatMap((turn) => turnFaults(turn, chunks));
  if (orphans?.count !== 0) violations.push(`${orphans?.count} rows without a turn`);
  const events = turns.reduce((sum, { last_seq }) => sum + last_seq, 0);
  return { turns: turns.length, events, violations };
}

function rowsOf<R>(db: Database, name: string, text: string): Promise<R[]> {
  return db.query<R>(LOCAL_CALLER, { name, text });
}

const TURNS = `
select t.id, t.state, t.epoch, t.last_seq,
  t.finished is not null and t.digest is not null and t.last_seq is not null and t.answer is not null as whole,
  (select count(*)::int from chat.messages m where m.turn_id = t.id and m.role = 'user') as said,
  (select count(*)::int from chat.messages m where m.turn_id = t.id and m.role = 'assistant') as answered
from chat.turns t`;

const CHUNKS = `select turn_id, epoch, first_seq, last_seq, data from chat.turn_events order by turn_id, first_seq`;

const ORPHANS = `
select (select count(*) from chat.messages m where m.turn_id is not null
    and not exists (select from chat.turns t where t.id = m.turn_id))::int
  + (select count(*) from chat.turn_events e where not exists (select from chat.turns t where t.id = e.turn_id))::int
  as count`;

function turnFaults(turn: TurnRow, all: readonly ChunkRow[]): string[] {
  const chunks = all.filter(({ turn_id }) => turn_id === turn.id);
  const faults: string[] = [];
  if (turn.state === "running" || turn.state === "queued") faults.push(`is still ${turn.state}`);
  if (!turn.whole) faults.push("has half a row");
  if (turn.said !== 1) faults.push(`has ${turn.said} questions`);
  if (turn.answered !== (turn.state === "completed" ? 1 : 0)) faults.push(`has ${turn.answered} answers`);
  const events = chunks.flatMap(({ data, epoch, first_seq }) =>
    decodeEvents(data, { turnId: turn.id, traceId: "", epoch, firstSequence: first_seq }),
  );
  if (events.some(({ sequence }, at) => sequence !== at + 1)) faults.push("has a gap in its log");
  if (events.length !== turn.last_seq) faults.push("has a log of another length than its row says");
  if (events.some(({ epoch }) => epoch !== turn.epoch)) faults.push("has events of another epoch");
  const ends = events.flatMap(({ body }, at) => (isTerminal(body) ? [at + 1] : []));
  if (ends.length !== 1 || ends[0] !== events.length)
    faults.push(`has terminal events at ${ends.join(", ")}`);
  return faults.map((fault) => `store: turn ${turn.id} ${fault}`);
}

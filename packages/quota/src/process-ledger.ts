import {
  type Ask,
  type Grant,
  type Ledger,
  type LedgerObserver,
  type Share,
  type UsageRecord,
  WHILE_RESERVED_MS,
} from "./ledger.ts";
import type { Meter } from "./meter.ts";
import { windowAt } from "./period.ts";

export type ProcessLedgerOptions = Readonly<{
  record: UsageRecord;
  now(): number;
  observe: LedgerObserver;
}>;

/** What the record said, and what was settled here since. */
type Book = { readAt: number; end: number; room: number; base: number; since: number };

/** How old the record's word may be where other processes write to it too. */
const FRESH_MS = 5_000;

/**
 * The ledger of a process that shares with nobody. Where others live beside it, it gives out its part of what the record says
 * is left: all of them together stay within it, but for what was used since each of them looked.
 */
export function createProcessLedger({ record, now, observe }: ProcessLedgerOptions): Ledger {
  const holds = new Map<string, ReadonlyMap<string, number>>();
  const books = new Map<string, Book>();
  const reading = new Map<string, Promise<Book>>();

  const bookOf = async (meter: Meter): Promise<Book> => {
    const key = keyOf(meter);
    const book = books.get(key);
    if (book && now() < book.end && now() - book.readAt < FRESH_MS) return book;
    const under = reading.get(key) ?? read(meter, key, book).finally(() => reading.delete(key));
    reading.set(key, under);
    return under;
  };

  const read = async (meter: Meter, key: string, last: Book | undefined): Promise<Book> => {
    const readAt = now();
    const { start, end } = windowAt(meter.period, readAt);
    const same = last !== undefined && last.end === end;
    const processes = await record.processes();
    // Alone, it knows what it has settled.
    if (same && processes === 1) return Object.assign(last, { readAt });
    const before = same ? last.since : 0;
    const base = await record.usedSince(meter, start);
    // What is settled while the record is read may be in it already: it counts twice rather than not at all.
    const since = same ? last.since - before : 0;
    const book = { readAt, end, base, since, room: Math.floor(Math.max(0, meter.limit - base) / processes) };
    books.set(key, book);
    observe("reseeded");
    return book;
  };

  const heldOf = (meter: Meter, but?: string): number => {
    const key = keyOf(meter);
    let sum = 0;
    for (const [id, amounts] of holds) if (id !== but) sum += amounts.get(key) ?? 0;
    return sum;
  };

  return {
    async reserve({ hold, shares }: Ask) {
      const opened = await Promise.all(
        shares.map(async (share) => ({ share, book: await bookOf(share.meter) })),
      );
      // From here on nothing waits.
      const grants: Grant[] = [];
      for (const { share, book } of opened) {
        const { meter, least } = share;
        const others = heldOf(meter, hold);
        const free = book.room - book.since - others;
        if (free < least) {
          observe("refused");
          const waits = others > 0 ? Math.min(WHILE_RESERVED_MS, book.end - now()) : book.end - now();
          return { kind: "refused", meter, retryAfterMs: waits };
        }
        const amount = granted(share, free);
        grants.push({ meter, amount, left: Math.max(0, free - amount) });
      }
      holds.set(hold, new Map(grants.map(({ meter, amount }) => [keyOf(meter), amount])));
      return { kind: "held", grants };
    },
    async settle(hold, spent) {
      holds.delete(hold);
      for (const { meter, amount } of spent) {
        const book = books.get(keyOf(meter));
        if (book && now() < book.end) book.since += amount;
      }
    },
    async look(meters) {
      return Promise.all(
        meters.map(async (meter) => {
          const { base, since, end } = await bookOf(meter);
          return { meter, used: base + since, reserved: heldOf(meter), resetMs: end };
        }),
      );
    },
  };
}

export function granted({ spent, want }: Share, free: number): number {
  return Math.max(spent, Math.min(want, free));
}

function keyOf({ tenant, id }: Meter): string {
  return `${tenant}:${id}`;
}

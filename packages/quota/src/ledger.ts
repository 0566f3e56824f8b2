import type { Meter } from "./meter.ts";

/** What a hold sets aside of one meter, spent amounts included. */
export type Share = Readonly<{
  meter: Meter;
  /** Spent already: no refusal takes it back. */
  spent: number;
  /** Wanted, with what is spent; less is granted where less is left. */
  want: number;
  /** Less than this is of no use: then nothing changes. */
  least: number;
}>;

/** Something that uses meters of one tenant for a while; its shares stand for all that it has. */
export type Ask = Readonly<{ hold: string; shares: readonly Share[] }>;

/** `left`: what nobody has used or set aside. */
export type Grant = Readonly<{ meter: Meter; amount: number; left: number }>;

export type Reserved =
  | Readonly<{ kind: "held"; grants: readonly Grant[] }>
  /** The hold is what it was. `retryAfterMs`: until there may be enough again. */
  | Readonly<{ kind: "refused"; meter: Meter; retryAfterMs: number }>;

export type Spent = Readonly<{ meter: Meter; amount: number }>;

export type Standing = Readonly<{ meter: Meter; used: number; reserved: number; resetMs: number }>;

/**
 * What is used and set aside of meters. Whatever order it is asked in, by however many processes: used and set aside together
 * never pass a limit, except by what was spent beyond what was granted.
 */
export type Ledger = Readonly<{
  /** Sets aside, or changes what is; all meters or none. The hold ends by itself when its process is gone. */
  reserve(ask: Ask): Promise<Reserved>;
  /** Ends the hold. Call it once what was spent is on record. */
  settle(hold: string, spent: readonly Spent[]): Promise<void>;
  look(meters: readonly Meter[]): Promise<Standing[]>;
}>;

/** The record of what was used, which outlives every ledger. */
export type UsageRecord = Readonly<{
  /** In the meter's unit, since a time in milliseconds. */
  usedSince(meter: Meter, since: number): Promise<number>;
  /** Processes that share the record, this one included. */
  processes(): Promise<number>;
}>;

export type LedgerEvent = "expired" | "refused" | "reseeded" | "local";

/** Told what happens, for metrics. */
export type LedgerObserver = (event: LedgerEvent, times?: number) => void;

/** How soon to come back where what is missing is only set aside: turns end, and give back. */
export const WHILE_RESERVED_MS = 2_000;

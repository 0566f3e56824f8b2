import type { Logger } from "@forerun/runtime/logger";
import { type KeySet, readKeySet } from "./key-set.ts";
import { type ReadText, readFileWhenChanged, readUrl } from "./read-jwks.ts";

/** Where a verifier finds the issuer's keys. */
export type KeySource = Readonly<{
  /** The keys as known now; it is the same object until they change. Old ones are read anew behind the caller's back. */
  current(): KeySet;
  /** After a token named a key that is not known: looks whether there are new ones, if that is allowed again. */
  refreshed(): Promise<KeySet>;
}>;

export type KeySourceOptions = Readonly<{
  /** Path of a file, or an http(s) address, that holds a JWKS. */
  place: string;
  log: Logger;
  /** Milliseconds of a steady clock. */
  now?: () => number;
}>;

/** Milliseconds after which keys are read again, and the least time between two reads whatever tokens say. */
type Pace = Readonly<{ renewMs: number; cooldownMs: number }>;
const OF_URL: Pace = { renewMs: 300_000, cooldownMs: 30_000 };
const OF_FILE: Pace = { renewMs: 5_000, cooldownMs: 500 };

/**
 * Opens a JWKS. Keys stay in use while their source is away or shows what cannot be used; that is logged. @throws ForerunError
 * FR-E1006 for a file that cannot be used. An address that does not answer is asked again: its issuer may start after us.
 */
export async function openKeySource({ place, log, now = () => performance.now() }: KeySourceOptions) {
  const remote = /^https?:/i.test(place);
  const source = new RenewedKeys(remote ? readUrl(place) : readFileWhenChanged(place), {
    pace: remote ? OF_URL : OF_FILE,
    log,
    now,
  });
  if (remote) await source.refreshed();
  else await source.load();
  return source;
}

class RenewedKeys implements KeySource {
  readonly #read: ReadText;
  readonly #options: Readonly<{ pace: Pace; log: Logger; now: () => number }>;
  #keys: KeySet = [];
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;

  constructor(read: ReadText, options: Readonly<{ pace: Pace; log: Logger; now: () => number }>) {
    this.#read = read;
    this.#options = options;
  }

  current(): KeySet {
    if (this.#age() >= this.#options.pace.renewMs) void this.#renew();
    return this.#keys;
  }

  async refreshed(): Promise<KeySet> {
    if (this.#reading || this.#age() >= this.#options.pace.cooldownMs) await this.#renew();
    return this.#keys;
  }

  async load(): Promise<void> {
    this.#readAt = this.#options.now();
    const text = await this.#read();
    if (text !== undefined) this.#keys = await readKeySet(text);
  }

  #age(): number {
    return this.#options.now() - this.#readAt;
  }

  #renew(): Promise<void> {
    this.#reading ??= this.load()
      .catch((fault: unknown) =>
        this.#options.log.error(
          { err: fault, keys: this.#keys.length },
          "the issuer's keys could not be renewed",
        ),
      )
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }
}

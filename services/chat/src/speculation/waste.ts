import { remember } from "./remember.ts";

/** Guesses that a judgement needs, and that it looks back on. */
const LEAST_JUDGED = 10;
const LOOK_BACK = 50;
/** Who has stopped tries again after so many turns. */
const TURNS_OFF = 100;

type Record = { thrownAway: boolean[]; turnsOff: number };

/** How much of what each tenant had done early was thrown away, and who has to pause because of it. */
export class Waste {
  readonly #records = new Map<string, Record>();

  /** Notes how a guess ended; `used` when the decision wanted it. */
  ended(tenant: string, used: boolean): void {
    const record = this.#records.get(tenant) ?? { thrownAway: [], turnsOff: 0 };
    record.thrownAway.push(!used);
    if (record.thrownAway.length > LOOK_BACK) record.thrownAway.shift();
    remember(this.#records, tenant, record);
  }

  /** Asked once a turn. False while a tenant's waste is above its limit; after a while it may try again from nothing. */
  mayGuess(tenant: string, maxWaste: number): boolean {
    const record = this.#records.get(tenant);
    if (!record || record.thrownAway.length < LEAST_JUDGED) return true;
    const share = record.thrownAway.filter(Boolean).length / record.thrownAway.length;
    if (share <= maxWaste) return true;
    record.turnsOff += 1;
    if (record.turnsOff > TURNS_OFF) this.#records.delete(tenant);
    return false;
  }
}

import type { TurnDriver } from "../ports.ts";
import { type AbandonDeps, abandonTurn } from "./abandon-turn.ts";
import type { LiveTurn } from "./live-turn.ts";
import { LOG_ROLE } from "./migrations.ts";
import { ADOPT, TEND, type TendRow } from "./replica-statements.ts";
import type { TakenRow } from "./take-statements.ts";

export type TendDeps = AbandonDeps & {
  owner: string;
  driver: TurnDriver;
  /** The turn where this process writes it. */
  live(turnId: string): LiveTurn | undefined;
};

/** Owners that try a turn, one after the other: what kills each of them is not tried on all. */
const MAX_EPOCHS = 4;
const BATCH = 100;

/**
 * Ends what nobody may drive any more and passes on cancels that did not reach this process otherwise; then makes turns of dead
 * owners this process's, as many as its driver has room for. Gives those: they are to be driven.
 */
export async function tendTurns(deps: TendDeps): Promise<TakenRow[]> {
  const { db, owner, driver, live } = deps;
  for (const row of await db.systemQuery<TendRow>(LOG_ROLE, TEND, [owner, MAX_EPOCHS, BATCH])) {
    const { mine, overdue } = row;
    if (mine && live(row.turn_id)) driver.cancel(row.turn_id, row.superseded ?? "user");
    else if (overdue) await abandonTurn(deps, row);
  }
  const room = Math.min(driver.room, BATCH);
  return room > 0 ? db.systemQuery<TakenRow>(LOG_ROLE, ADOPT, [owner, MAX_EPOCHS, room]) : [];
}

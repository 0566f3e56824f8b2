import type { Caller } from "@forerun/runtime/caller";
import type { StopReason } from "../ending.ts";
import type { TurnLog } from "../ports.ts";
import type { Turn } from "../turn.ts";
import { callIds, type Stopped, stopReport, type Turns } from "../turns.ts";

/** Ends a turn wherever it is driven, and resolves when it has ended; undefined when there is no such turn. */
export type StopTurn = (
  caller: Caller,
  turnId: string,
  reason: StopReason,
  signal: AbortSignal,
) => Promise<Stopped | undefined>;

/** The other processes that drive turns. */
export type TurnOwners = {
  /** Asks the owner to end the turn; undefined when it does not answer, or does not drive it any more. */
  stop(
    owner: string,
    caller: Caller,
    turnId: string,
    reason: StopReason,
    signal: AbortSignal,
  ): Promise<Stopped | undefined>;
};

export type StopDeps = {
  turns: Pick<Turns, "stop">;
  turnLog: TurnLog;
  /** Undefined where no other process drives turns. */
  owners: TurnOwners | undefined;
};

/**
 * The turn is marked first, so that whoever drives it, now or after its owner's death, learns of it; then its owner is asked. One
 * that does not answer leaves the rest to the mark.
 */
export function stopper({ turns, turnLog, owners }: StopDeps): StopTurn {
  return async (caller, turnId, reason, signal) => {
    const by = reason === "disconnect" ? reason : "user";
    const marked = await turnLog.requestCancel(caller, turnId, by);
    if (!marked?.open) return marked && { stoppedCallIds: [], effectedCallIds: [] };
    const here = await turns.stop(caller.tenant, turnId, reason);
    if (here) return here;
    const there = marked.owner && (await owners?.stop(marked.owner, caller, turnId, reason, signal));
    if (there) return there;
    const before = await turnLog.get(caller, turnId);
    if (!before) return undefined;
    await followToEnd(turnLog, caller, before, signal);
    const ended = await turnLog.get(caller, turnId);
    return ended && stopReport(ended, callIds(before, "open"));
  };
}

const NEVER = new AbortController().signal;

/** Ends a turn whose end nobody waits for. What that fails with is nobody's either: the mark, or the turn's deadline, ends it then. */
export function endWithoutWaiting(
  { stopTurn }: { stopTurn: StopTurn },
  caller: Caller,
  { turnId, reason }: { turnId: string; reason: StopReason },
): void {
  void stopTurn(caller, turnId, reason, NEVER).catch(() => {});
}

async function followToEnd(turnLog: TurnLog, caller: Caller, turn: Turn, signal: AbortSignal): Promise<void> {
  const cursor = { epoch: turn.epoch, afterSequence: turn.lastSequence };
  const attached = await turnLog.attach(caller, turn.turnId, cursor, signal);
  if (attached.kind !== "attached") return;
  for await (const item of attached.items) if (item.kind === "goAway") return;
  signal.throwIfAborted();
}

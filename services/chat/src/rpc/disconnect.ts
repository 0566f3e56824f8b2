import { DisconnectPolicy, type TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { Caller } from "@forerun/runtime/caller";
import type { ChatDeps } from "./chat-deps.ts";
import { endWithoutWaiting } from "./stop-turn.ts";

/**
 * While it is held, a client that goes away ends the turn, where its policy says so; otherwise the turn goes on without it.
 * `client` aborts when the client leaves, which may have been while its turn was accepted.
 */
export function cancelOnLeave(
  { stopTurn }: Pick<ChatDeps, "stopTurn">,
  { disconnectPolicy }: Pick<TurnInput, "disconnectPolicy">,
  { caller, turnId, client }: { caller: Caller; turnId: string; client: AbortSignal },
): Disposable {
  const leave = () => endWithoutWaiting({ stopTurn }, caller, { turnId, reason: "disconnect" });
  if (disconnectPolicy === DisconnectPolicy.CANCEL) {
    if (client.aborted) leave();
    else client.addEventListener("abort", leave, { once: true });
  }
  return { [Symbol.dispose]: () => client.removeEventListener("abort", leave) };
}

import { DisconnectPolicy, type TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { Caller } from "@forerun/runtime/caller";
import type { ChatDeps } from "./chat-deps.ts";

const NEVER = new AbortController().signal;

/**
 * While it is held, a client that goes away ends the turn, where its policy says so; otherwise the turn goes on without it.
 * `client` aborts when the client leaves, which may have been while its turn was accepted.
 */
export function cancelOnLeave(
  { stopTurn }: Pick<ChatDeps, "stopTurn">,
  { disconnectPolicy }: Pick<TurnInput, "disconnectPolicy">,
  { caller, turnId, client }: { caller: Caller; turnId: string; client: AbortSignal },
): Disposable {
  // What it fails with is told by nobody any more; the mark it has left, or the turn's deadline, ends the turn.
  const leave = () => void stopTurn(caller, turnId, "disconnect", NEVER).catch(() => {});
  if (disconnectPolicy === DisconnectPolicy.CANCEL) {
    if (client.aborted) leave();
    else client.addEventListener("abort", leave, { once: true });
  }
  return { [Symbol.dispose]: () => client.removeEventListener("abort", leave) };
}

import { DisconnectPolicy, type TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { ChatDeps } from "./chat-deps.ts";

/**
 * While it is held, a client that goes away ends the turn, where its policy says so; otherwise the turn goes on without it.
 * `client` aborts when the client leaves, which may have been while its turn was accepted.
 */
export function cancelOnLeave(
  { turns }: { turns: Pick<ChatDeps["turns"], "stop"> },
  { disconnectPolicy }: Pick<TurnInput, "disconnectPolicy">,
  turnId: string,
  client: AbortSignal,
): Disposable {
  const leave = () => void turns.stop(turnId, "disconnect");
  if (disconnectPolicy === DisconnectPolicy.CANCEL) {
    if (client.aborted) leave();
    else client.addEventListener("abort", leave, { once: true });
  }
  return { [Symbol.dispose]: () => client.removeEventListener("abort", leave) };
}

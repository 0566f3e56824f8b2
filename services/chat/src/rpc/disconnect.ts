import type { HandlerContext } from "@connectrpc/connect";
import { DisconnectPolicy, type TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { ChatDeps } from "./chat-deps.ts";

/** While it is held, a client that goes away ends the turn, where its policy says so; otherwise the turn goes on without it. */
export function cancelOnLeave(
  deps: ChatDeps,
  input: TurnInput,
  turnId: string,
  ctx: HandlerContext,
): Disposable {
  const cancels = input.disconnectPolicy === DisconnectPolicy.CANCEL;
  const leave = () => void deps.turns.stop(turnId, "disconnect");
  if (cancels) ctx.signal.addEventListener("abort", leave, { once: true });
  return { [Symbol.dispose]: () => ctx.signal.removeEventListener("abort", leave) };
}

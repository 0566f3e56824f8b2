import type { HandlerContext } from "@connectrpc/connect";
import type { TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { callerOf } from "@forerun/rpc/call-context";
import type { ChatDeps } from "./chat-deps.ts";
import { keyReused, keyWanted, noSuchTurn } from "./refusals.ts";
import { requestHashOf } from "./request-hash.ts";

/** Id of the turn that the same request began before. Nothing is begun: without such a turn there is nothing to go on with. */
export async function findTurn(
  { turnLog }: ChatDeps,
  input: TurnInput,
  ctx: HandlerContext,
): Promise<string> {
  if (!input.idempotencyKey) throw keyWanted();
  const outcome = await turnLog.find(callerOf(ctx), input.idempotencyKey, requestHashOf(input));
  switch (outcome.kind) {
    case "found":
      return outcome.turnId;
    case "key_reused":
      throw keyReused();
    case "none":
      throw noSuchTurn();
    default:
      return outcome satisfies never;
  }
}

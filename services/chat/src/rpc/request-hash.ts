import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { type TurnInput, TurnInputSchema } from "@forerun/contracts/forerun/chat/v1/turn_pb";

/** Tells whether two requests with one key are the same: a choice that is left out is its first value. */
export function requestHashOf(input: TurnInput): string {
  const chosen = create(TurnInputSchema, {
    ...input,
    concurrencyPolicy: input.concurrencyPolicy || 1,
    disconnectPolicy: input.disconnectPolicy || 1,
    toolChoice: input.toolChoice || 1,
    speculation: input.speculation || 1,
  });
  return createHash("sha256").update(toBinary(TurnInputSchema, chosen)).digest("hex");
}

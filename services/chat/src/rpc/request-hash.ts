import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  ConcurrencyPolicy,
  DisconnectPolicy,
  Speculation,
  type TurnInput,
  TurnInputSchema,
} from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ToolChoice } from "@forerun/contracts/forerun/common/v1/common_pb";

/** Tells whether two requests with one key are the same: a choice that is left out is its first value. */
export function requestHashOf(input: TurnInput): string {
  const chosen = create(TurnInputSchema, {
    ...input,
    concurrencyPolicy: input.concurrencyPolicy || ConcurrencyPolicy.REJECT,
    disconnectPolicy: input.disconnectPolicy || DisconnectPolicy.CONTINUE,
    toolChoice: input.toolChoice || ToolChoice.AUTO,
    speculation: input.speculation || Speculation.AUTO,
  });
  return createHash("sha256").update(toBinary(TurnInputSchema, chosen)).digest("hex");
}

import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import { type TurnInput, TurnInputSchema } from "@forerun/contracts/forerun/chat/v1/turn_pb";

/** Tells whether two requests with one key are the same. */
export function requestHashOf(input: TurnInput): string {
  return createHash("sha256").update(toBinary(TurnInputSchema, input)).digest("hex");
}

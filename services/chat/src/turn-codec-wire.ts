/** An ended turn as the store keeps it. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { TurnSchema } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { READ_OPTIONS } from "@forerun/rpc/codec";
import type { Turn } from "./turn.ts";
import { fromWireTurn, toWireTurn } from "./turn-wire.ts";

/** Everything but the text, which has a column of its own. */
export function encodeTurn(turn: Turn): Uint8Array {
  return toBinary(TurnSchema, toWireTurn({ ...turn, text: "" }));
}

export function decodeTurn(digest: Uint8Array, text: string): Turn {
  return { ...fromWireTurn(fromBinary(TurnSchema, digest, READ_OPTIONS)), text };
}

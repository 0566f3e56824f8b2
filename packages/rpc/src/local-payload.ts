import { create, type DescMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { decode, encode, tooLarge } from "./codec.ts";
import { exceeds } from "./message-size.ts";

/**
 * `share` hands the very object over: fast, and immutable by convention. `clone` takes every message through its wire form,
 * so that tests meet what a network would deliver.
 */
export type Messages = "share" | "clone";

/** Carries a message from one side of a process to the other. @throws ConnectError as a network would. */
export type Carry = (schema: DescMessage, message: MessageInitShape<DescMessage>) => Message;

export function carryWith(messages: Messages, maxBytes: number): Carry {
  if (messages === "clone") {
    return (schema, message) => decode(schema, encode(schema, message, maxBytes), maxBytes);
  }
  return (schema, message) => {
    const full = create(schema, message);
    if (exceeds(schema, full, maxBytes)) throw tooLarge(maxBytes);
    return full;
  };
}

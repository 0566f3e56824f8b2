/** Messages as the client library has them, and as the bus does. */
import { ErrorCode, type Msg, type MsgHdrs, NatsError, headers as newHeaders } from "nats";
import type { BusHeaders, BusMessage } from "./bus.ts";
import type { Subject } from "./subject.ts";

/** Status of the broker's own answer: nobody listens. */
const NO_RESPONDERS = 503;
const UNHEARD_HEADER = "Nats-Subject";

/** @throws NatsError for headers that break the protocol. */
export function fromNats(message: Msg): BusMessage {
  const { subject, data, reply, headers } = message;
  return {
    subject: subject as Subject,
    // A view: what is decoded from a Buffer would keep Buffers.
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    headers: headers ? plain(headers) : {},
    reply: reply ? (reply as Subject) : undefined,
    ...(data.byteLength === 0 && headers?.code === NO_RESPONDERS
      ? { noResponders: true, unheard: (headers.get(UNHEARD_HEADER) || undefined) as Subject | undefined }
      : { noResponders: false }),
  };
}

/** As an option of a publication; none where there are no headers, since an empty block of them breaks the protocol. */
export function toNatsHeaders(headers: BusHeaders): { headers?: MsgHdrs } {
  const entries = Object.entries(headers);
  if (entries.length === 0) return {};
  const message = newHeaders();
  for (const [name, value] of entries) message.set(name, value);
  return { headers: message };
}

/** The client library refused a message because of its size. */
export function isTooLarge(fault: unknown): boolean {
  return fault instanceof NatsError && fault.code === ErrorCode.MaxPayloadExceeded;
}

function plain(headers: MsgHdrs): BusHeaders {
  return Object.fromEntries([...headers].map(([name, values]) => [name, values[0] ?? ""]));
}

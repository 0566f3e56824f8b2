import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ResumePointSchema } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { ForerunError } from "@forerun/runtime/forerun-error";

/** The place after which a turn's events are wanted. */
export type ResumePoint = MessageInitShape<typeof ResumePointSchema>;

/** Reads Last-Event-ID, which is the `<epoch>.<sequence>` that we sent; undefined without the header. */
export function resumePoint(
  lastEventId: string | undefined,
  idempotencyKey: string,
): ResumePoint | undefined {
  if (!lastEventId) return undefined;
  const [, epoch, sequence] = /^(\d{1,9})\.(\d{1,9})$/.exec(lastEventId) ?? [];
  if (!epoch || !sequence) {
    throw badResume("Last-Event-ID must be an id of this turn's events, such as 1.17");
  }
  if (!idempotencyKey) throw badResume("Last-Event-ID without idempotency_key does not name a turn");
  return { epoch: Number(epoch), sequence: Number(sequence) };
}

function badResume(message: string): ForerunError {
  return new ForerunError(
    "FR-E1301",
    "invalid_argument",
    message,
    "Repeat the request with the same body and idempotency_key, or leave the header out.",
  );
}

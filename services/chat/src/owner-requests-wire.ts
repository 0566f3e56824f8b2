/** Requests between the replicas of chat, over the bus: who drives a turn is asked to end it. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { BusMessage } from "@forerun/bus/bus";
import { CALLER_HEADER } from "@forerun/bus/call-headers";
import type { OpenedBus } from "@forerun/bus/open-bus";
import { readAs } from "@forerun/bus/read-as";
import { StopTurnRequestSchema, StopTurnResponseSchema } from "@forerun/contracts/forerun/chat/v1/replica_pb";
import type { ClaimSigner, ClaimVerifier } from "@forerun/rpc/claim";
import { READ_OPTIONS } from "@forerun/rpc/codec";
import type { Logger } from "@forerun/runtime/logger";
import { STOP_REASONS } from "./ending.ts";
import type { TurnOwners } from "./rpc/stop-turn.ts";
import type { Turns } from "./turns.ts";

export type OwnerBus = Pick<OpenedBus, "bus" | "subjects" | "observe"> &
  Readonly<{ sign: ClaimSigner; verify: ClaimVerifier }>;

/** An owner that lives has ended a turn by then; what takes longer is seen in the log. */
const TIMEOUT_MS = 500;

export function busOwners({ bus, subjects, sign }: OwnerBus): TurnOwners {
  return {
    async stop(owner, caller, turnId, reason, signal) {
      const headers = { [CALLER_HEADER]: await sign(caller) };
      const request = toBinary(StopTurnRequestSchema, create(StopTurnRequestSchema, { turnId, reason }));
      const options = { headers, timeoutMs: TIMEOUT_MS, signal };
      const outcome = await bus.request(subjects.owner(owner), request, options);
      if (outcome.kind !== "reply") return undefined;
      const { driven, stoppedCallIds, effectedCallIds } = fromBinary(
        StopTurnResponseSchema,
        outcome.message.data,
        READ_OPTIONS,
      );
      return driven ? { stoppedCallIds, effectedCallIds } : undefined;
    },
  };
}

/** Answers the other replicas under this one's id, until the signal aborts. */
export function serveOwner(
  { bus, subjects, observe, verify }: OwnerBus,
  { replica, turns, log }: { replica: string; turns: Pick<Turns, "stop">; log: Logger },
  signal: AbortSignal,
): void {
  const decode = (data: Uint8Array) => fromBinary(StopTurnRequestSchema, data, READ_OPTIONS);
  const failed = (fault: unknown) => log.warn({ err: fault }, "a request to end a turn came to nothing");
  const answer = async (message: BusMessage) => {
    const request = readAs(message, decode, observe);
    const caller = await verify(message.headers[CALLER_HEADER] ?? "");
    if (!request || !message.reply) return;
    const reason = STOP_REASONS.find((known) => known === request.reason) ?? "user";
    const stopped = caller && (await turns.stop(caller.tenant, request.turnId, reason));
    const response = create(StopTurnResponseSchema, { driven: stopped !== undefined, ...stopped });
    bus.publish(message.reply, toBinary(StopTurnResponseSchema, response));
  };
  const answerAll = async () => {
    for await (const request of await bus.subscribe(subjects.owner(replica), { signal }))
      answer(request).catch(failed);
  };
  answerAll().catch(failed);
}

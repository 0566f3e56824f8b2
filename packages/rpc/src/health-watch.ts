import { create } from "@bufbuild/protobuf";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from "@forerun/contracts/grpc/health/v1/health_pb";
import { type ChannelInterface, Metadata, status } from "@grpc/grpc-js";
import { DEFAULT_MAX_MESSAGE_BYTES, decode, encode } from "./codec.ts";

/** Milliseconds before a watch that broke off is begun anew. */
const AGAIN_MS = 1_000;

/**
 * Tells whether the process at a connection serves, now and at each change, until it is stopped. Where nobody answers, or the
 * health service is missing, nothing is told: the calls themselves show what is wrong.
 */
export function watchHealth(connection: ChannelInterface, tell: (serving: boolean) => void): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let cancel = () => {};
  const begin = () => {
    const { watch } = Health.method;
    const call = connection.createCall(`/${Health.typeName}/${watch.name}`, Infinity, null, null, null);
    cancel = () => call.cancelWithStatus(status.CANCELLED, "no longer watched");
    call.start(new Metadata(), {
      onReceiveMetadata() {},
      onReceiveMessage(bytes: Buffer) {
        // A call cancelled while it starts goes on in grpc-js.
        if (stopped) return cancel();
        tell(isServing(bytes));
        call.startRead();
      },
      onReceiveStatus({ code }) {
        if (stopped || code === status.UNIMPLEMENTED) return;
        timer = setTimeout(begin, AGAIN_MS).unref();
      },
    });
    const request = encode(watch.input, create(HealthCheckRequestSchema), DEFAULT_MAX_MESSAGE_BYTES);
    call.sendMessageWithContext({}, Buffer.from(request));
    call.halfClose();
    call.startRead();
  };
  begin();
  return () => {
    stopped = true;
    clearTimeout(timer);
    cancel();
  };
}

function isServing(bytes: Buffer): boolean {
  return decode(HealthCheckResponseSchema, bytes, DEFAULT_MAX_MESSAGE_BYTES).status === Status.SERVING;
}

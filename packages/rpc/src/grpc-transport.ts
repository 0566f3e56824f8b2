import type { DescService } from "@bufbuild/protobuf";
import type {
  StreamRequest,
  StreamResponse,
  Transport,
  UnaryRequest,
  UnaryResponse,
} from "@connectrpc/connect";
import type { Channel, Metadata } from "@grpc/grpc-js";
import { callerKey, traceKey } from "./call-context.ts";
import type { CallSignal } from "./call-signal.ts";
import { CALLER_HEADER, claimSigner } from "./claim.ts";
import { DEFAULT_MAX_MESSAGE_BYTES } from "./codec.ts";
import { callStream, callUnary } from "./grpc-call.ts";
import { openChannel } from "./grpc-channel.ts";
import { toHeaders, toMetadata } from "./metadata.ts";
import { type ClientOptions, transportOver } from "./transport.ts";

export type GrpcTransportOptions = ClientOptions &
  Readonly<{
    /** dns:///host:port, ipv4:a:p,b:p or file:///list, watched. */
    address: string;
    /** FORERUN_KEY, 32 bytes in base64: signs the caller. */
    key: string;
    /** Who calls. */
    service: string;
    maxMessageBytes?: number;
  }>;

/** Calls a service of the mesh over gRPC. Closing it ends what still runs. */
export type GrpcTransport = Transport & Disposable;

export function createGrpcTransport(options: GrpcTransportOptions): GrpcTransport {
  const { address, maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = options;
  const sign = claimSigner(options.key, options.service);
  const channels = new Map<string, Channel>();
  // One channel a service, since the methods to retry are part of a channel's configuration.
  const channelOf = (service: DescService) => {
    const open = channels.get(service.typeName) ?? openChannel(address, service, maxMessageBytes);
    channels.set(service.typeName, open);
    return open;
  };
  const carry = async (request: UnaryRequest | StreamRequest, call: CallSignal) => {
    const { method, service, contextValues, header } = request;
    const metadata = toMetadata(header);
    const caller = contextValues.get(callerKey);
    if (caller) {
      const token = sign(caller);
      metadata.set(CALLER_HEADER, typeof token === "string" ? token : await token);
    }
    const trace = contextValues.get(traceKey);
    if (trace) metadata.set("traceparent", trace);
    const outgoing = { channel: channelOf(service), method, metadata, maxMessageBytes };
    return request.stream ? stream(outgoing, request, call) : unary(outgoing, request, call);
  };
  const transport = transportOver(address, carry, options);
  return {
    ...transport,
    [Symbol.dispose]() {
      for (const channel of channels.values()) channel.close();
      channels.clear();
    },
  };
}

type Outgoing = Parameters<typeof callUnary>[0];

async function unary(outgoing: Outgoing, request: UnaryRequest, call: CallSignal): Promise<UnaryResponse> {
  const { header, message, trailer } = await callUnary(outgoing, request.message, call);
  const { service, method } = request;
  return { stream: false, service, method, message, header: headersOf(header), trailer: headersOf(trailer) };
}

async function stream(outgoing: Outgoing, request: StreamRequest, call: CallSignal): Promise<StreamResponse> {
  const wire = callStream(outgoing, request.message, call);
  const { service, method } = request;
  const header = headersOf(await wire.header);
  return {
    stream: true,
    service,
    method,
    message: wire.messages,
    header,
    trailer: wire.trailer,
  };
}

function headersOf(metadata: Metadata | undefined): Headers {
  return metadata ? toHeaders(metadata) : new Headers();
}

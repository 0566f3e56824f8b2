import type { DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { Channel, type ChannelOptions, credentials } from "@grpc/grpc-js";
import { registerAddressLists } from "./address-list.ts";

/** Bytes above our own limit at which grpc-js refuses by itself: up to there the error carries our code, above it memory is safe. */
export const LIMIT_SLACK = 65_536;

/**
 * A channel to the replicas of one service: round robin, keepalive, quick reconnects, and retries of idempotent methods alone,
 * before their first message. `address` is dns:///host:port, ipv4:a:p,b:p or file:///list, watched.
 */
export function openChannel(address: string, service: DescService, maxMessageBytes: number): Channel {
  registerAddressLists();
  const options: ChannelOptions = {
    "grpc.service_config": JSON.stringify(serviceConfig(service)),
    "grpc.service_config_disable_resolution": 1,
    // DNS is asked again only when a connection ends: servers end them (max_connection_age), and the pause between two questions is short.
    "grpc.dns_min_time_between_resolutions_ms": 5_000,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 5_000,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2_000,
    "grpc.enable_http_proxy": 0,
    "grpc.max_send_message_length": -1,
    "grpc.max_receive_message_length": maxMessageBytes + LIMIT_SLACK,
  };
  return new Channel(address, credentials.createInsecure(), options);
}

/** gRPC service config; the one layer of retries, and only for what may safely happen twice. */
function serviceConfig(service: DescService): object {
  const idempotent = service.methods.filter(
    ({ idempotency }) => idempotency !== Idempotency.IDEMPOTENCY_UNKNOWN,
  );
  const name = idempotent.map((method) => ({ service: service.typeName, method: method.name }));
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "0.02s",
    maxBackoff: "0.2s",
    backoffMultiplier: 3,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  return {
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: name.length > 0 ? [{ name, retryPolicy }] : [],
  };
}

import type { DescService } from "@bufbuild/protobuf";
import { Channel, type ChannelOptions, credentials } from "@grpc/grpc-js";
import { registerAddressLists } from "./address-list.ts";
import { HEALTH_AWARE_ROUND_ROBIN, registerHealthAwareBalancer } from "./health-aware-balancer.ts";
import { retriedMethods } from "./retried-methods.ts";

/** Bytes above our own limit at which grpc-js refuses by itself: up to there the error carries our code, above it memory is safe. */
export const LIMIT_SLACK = 65_536;

/**
 * A channel to the replicas of one service: round robin over those that serve, keepalive, quick reconnects, and retries before
 * the first message of what may safely happen twice. `address` is dns:///host:port, ipv4:a:p,b:p or file:///list, watched.
 */
export function openChannel(address: string, service: DescService, maxMessageBytes: number): Channel {
  registerAddressLists();
  registerHealthAwareBalancer();
  const options: ChannelOptions = {
    "grpc.service_config": JSON.stringify(serviceConfig(service)),
    "grpc.service_config_disable_resolution": 1,
    // DNS is asked again only when a connection ends: servers end them (MAX_CONNECTION_AGE), and the pause between two questions is short.
    "grpc.dns_min_time_between_resolutions_ms": 5_000,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 5_000,
    "grpc.keepalive_permit_without_calls": 1,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2_000,
    "grpc.enable_http_proxy": 0,
    "grpc.max_send_message_length": -1,
    "grpc.max_receive_message_length": maxMessageBytes + LIMIT_SLACK,
  };
  return new Channel(address, credentials.createInsecure(), options);
}

/**
 * The budget of retries: a failed call costs a token, a good one brings `tokenRatio` back, and below half of them nothing is
 * retried. So a replica's calls, up to 200 in flight, survive it, and where all fail the retries stay below a tenth of the calls.
 */
const RETRY_BUDGET = { maxTokens: 400, tokenRatio: 0.1 };

/** gRPC service config; the one layer of retries. */
function serviceConfig(service: DescService): object {
  const name = retriedMethods(service).map((method) => ({ service: service.typeName, method: method.name }));
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "0.02s",
    maxBackoff: "0.2s",
    backoffMultiplier: 3,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  return {
    loadBalancingConfig: [{ [HEALTH_AWARE_ROUND_ROBIN]: {} }],
    retryThrottling: RETRY_BUDGET,
    methodConfig: name.length > 0 ? [{ name, retryPolicy }] : [],
  };
}

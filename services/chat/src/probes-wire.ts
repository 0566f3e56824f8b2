import type { Client } from "@connectrpc/connect";
import { type Health, HealthCheckResponse_ServingStatus } from "@forerun/contracts/grpc/health/v1/health_pb";
import type { Probe } from "./status.ts";

/** Asks another service of the mesh by grpc.health.v1: one of its replicas answers. */
export function healthProbe(part: string, client: Client<typeof Health>): Probe {
  return {
    part,
    async serves(signal) {
      const { status } = await client.check({}, { signal });
      return status === HealthCheckResponse_ServingStatus.SERVING;
    },
  };
}

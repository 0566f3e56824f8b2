import { ISSUER } from "@forerun/auth/fixtures/issuer";
import { type RunningGateway, startGateway } from "../../support/gateway.ts";
import { type Entrance, type FiveServices, FOR_PEOPLE } from "./five-services.ts";

/** The same services as their clients see them: through a real Envoy, over gRPC and Connect. The services stay the caller's. */
export async function behindGateway({ chat, jwks, tokenOf }: FiveServices): Promise<FiveServices> {
  const issuer = { issuer: ISSUER, audience: "forerun" };
  // What is refused for its rate shows nothing here.
  const values = { limits: { rate: { default: { requests: 1_000_000, window: "minute" } } } };
  const gateway: RunningGateway = await startGateway({ chat, issuer, jwks, values });
  const address = `127.0.0.1:${gateway.port}`;
  const entrances: Entrance[] = (["gRPC", "Connect"] as const).flatMap((protocol) =>
    FOR_PEOPLE.map((service) => ({ door: "people", service, address, protocol }) as const),
  );
  return {
    entrances,
    chat: { http: gateway.url, grpc: address },
    jwks,
    tokenOf,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

/** What one tenant and one message may take of the gateway. The whole of it: `npm run faults -- gateway-limit`. */
import { skipWithout } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, ask, openClient } from "./faults/gateway/ask.ts";
import { type Echo, startEcho } from "./faults/gateway/echo.ts";
import { limitFault } from "./faults/gateway/limit-fault.ts";
import { openStand, type Stand } from "./faults/gateway/stand.ts";
import { scenario } from "./support/scenario.ts";

const WITHIN_MS = 120_000;
const LIMIT_BYTES = 4_194_304;
/** A flag and a length before a message. */
const ENVELOPE_BYTES = 5;

skipWithout("ratelimit")("three gateways that share a count", () => {
  scenario(
    "gateway.limit",
    async () => {
      const { rows, violations } = await limitFault.run(2, () => {});
      expect(violations).toEqual([]);
      expect(rows).toHaveLength(3);
    },
    WITHIN_MS,
  );

  scenario(
    "gateway.limit-alone",
    async () => {
      const limit = 30;
      await using echo = await startEcho();
      await using stand = await openStand({
        ...{ replicas: 3, shared: true, upstream: upstreamOf(echo) },
        limits: { rate: { default: { requests: limit, window: "hour" } } },
      });
      await stand.redis?.[Symbol.asyncDispose]();
      const agent = openClient();
      const answers = await Promise.all(
        Array.from({ length: 5 * limit }, (_, at) =>
          ask({ agent, token: stand.issuer.token("acme"), url: stand.gateways[at % 3]?.url ?? "" }),
        ),
      );
      agent.destroy();
      const statuses = answers.map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
      const admitted = statuses.filter((status) => status === 200).length;
      expect(admitted).toBeGreaterThanOrEqual(limit);
      expect(admitted).toBeLessThanOrEqual(2 * limit);
    },
    WITHIN_MS,
  );
});

skipWithout("envoy")("one gateway", () => {
  let echo: Echo;
  let stand: Stand;

  beforeAll(async () => {
    echo = await startEcho();
    stand = await openStand({
      replicas: 1,
      upstream: upstreamOf(echo),
      limits: {
        allow: [
          { tenant: "far", from: ["10.0.0.0/8", "fd00::/8"] },
          { path_prefix: "/v1/", from: ["192.0.2.1"] },
        ],
        rate: {
          default: { requests: 1_000, window: "minute" },
          tenants: { tiny: { requests: 1, window: "hour" } },
        },
      },
    });
  }, WITHIN_MS);

  afterAll(async () => {
    await stand?.[Symbol.asyncDispose]();
    await echo?.[Symbol.asyncDispose]();
  });

  const send = (
    tenant: string,
    type: string,
    body: Buffer | string = "{}",
    path = "/chat",
  ): Promise<Answer> =>
    ask({ url: stand.gateways[0]?.url ?? "", token: stand.issuer.token(tenant), type, body, path });

  scenario("gateway.sizes", async () => {
    for (const { type, envelope, path, refused } of DOORS) {
      const of = (bytes: number) => send("acme", type, Buffer.alloc(bytes + envelope), path);
      expect((await of(LIMIT_BYTES - 1)).status, type).toBe(200);
      const whole = await of(LIMIT_BYTES);
      expect(whole.status, type).toBe(200);
      expect(refused(whole), type).toBe(false);
      expect(refused(await of(LIMIT_BYTES + 1)), type).toBe(true);
    }
  });

  scenario("gateway.refusals", async () => {
    expect((await send("tiny", "application/json")).status).toBe(200);
    const http = await send("tiny", "application/json");
    expect({ status: http.status, body: JSON.parse(http.body) }).toEqual({
      status: 429,
      body: { code: "resource_exhausted", message: "too many requests of this tenant" },
    });
    expect(Number(http.headers["retry-after"])).toBeGreaterThan(0);
    const stream = await send("tiny", "application/connect+json", "{}", METHOD);
    expect(stream.status).toBe(200);
    expect(stream.body).toContain('{"error":{"code":"resource_exhausted"');
    expect((await send("acme", "application/json")).status).toBe(200);
  });

  describe("addresses", () => {
    it("lets in from its ranges alone who is on a list, and everybody else", async () => {
      const refused = await send("far", "application/json");
      expect({ status: refused.status, body: JSON.parse(refused.body) }).toEqual({
        status: 403,
        body: { code: "permission_denied", message: "not allowed from this address" },
      });
      expect((await send("acme", "application/json", "{}", "/v1/models")).status).toBe(403);
      expect((await send("acme", "application/json")).status).toBe(200);
    });
  });
});

const METHOD = "/forerun.chat.v1.ChatService/Chat";

/** Doors that HTTP/1.1 reaches, and how each says that a message is too long. */
const DOORS = [
  { type: "application/json", envelope: 0, path: "/chat", refused: ({ status }: Answer) => status === 413 },
  {
    type: "application/proto",
    envelope: 0,
    path: "/forerun.chat.v1.ChatService/Ask",
    refused: ({ status, body }: Answer) => status === 413 && body.includes("resource_exhausted"),
  },
  {
    type: "application/connect+proto",
    envelope: ENVELOPE_BYTES,
    path: METHOD,
    refused: ({ body }: Answer) => body.includes("resource_exhausted"),
  },
  {
    type: "application/grpc-web+proto",
    envelope: ENVELOPE_BYTES,
    path: METHOD,
    refused: ({ body }: Answer) => /grpc-status: ?8/.test(body),
  },
] as const;

function upstreamOf({ http, grpc }: Echo): { http: string[]; grpc: string[] } {
  return { http: [`127.0.0.1:${http}`], grpc: [`127.0.0.1:${grpc}`] };
}

/** Tokens of every kind through a real Envoy before chat, over HTTP/1.1 and over gRPC. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { skipWithout, skipWithoutData } from "@forerun/testing/skip-without";
import { attackTokens } from "@forerun/testing/tokens/attack-tokens";
import { goodTokens } from "@forerun/testing/tokens/good-tokens";
import { refused, type TokenCase } from "@forerun/testing/tokens/token-case";
import { jwsVectors, WYCHEPROOF } from "@forerun/testing/tokens/wycheproof";
import { status } from "@grpc/grpc-js";
import { expect } from "vitest";
import { behindGateway } from "./support/behind-gateway.ts";
import { openCallStatus } from "./support/call-status.ts";
import { inPool } from "./support/in-pool.ts";
import { getWith } from "./support/raw-http.ts";
import { scenario } from "./support/scenario.ts";

/** As OpenAI's clients are told. */
const REFUSED =
  '{"error":{"message":"invalid credentials","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}';
const LIST = "/forerun.chat.v1.ChatService/ListConversations";
/** Refusals of HTTP itself: bytes out of place, headers too long, or a connection that is closed on them. */
const MALFORMED: ReadonlySet<number> = new Set([0, 400, 431]);
type CallStatus = ReturnType<typeof openCallStatus>["call"];

const AT_ONCE = 32;
const SLOW_MS = 180_000;

type Verdict = "in" | "refused" | "malformed" | (string & {});

async function overHttp(port: number, { authorization }: TokenCase): Promise<Verdict> {
  const { status: code, body } = await getWith(port, "/v1/models", authorization);
  if (code === 200) return "in";
  if (MALFORMED.has(code)) return "malformed";
  return code === 401 && body === REFUSED ? "refused" : `${code} ${body}`;
}

/** Odd headers are left to HTTP/1.1: over HTTP/2 one ends its connection, and whatever else runs on that. */
async function overGrpc(call: CallStatus, { token, accept }: TokenCase): Promise<Verdict> {
  if (token === undefined) return accept ? "in" : "refused";
  const { code, details } = await call(LIST, [["authorization", `Bearer ${token}`]]);
  if (code === status.OK) return "in";
  const unknown = code === status.UNAUTHENTICATED && details === "invalid credentials";
  return unknown ? "refused" : `${status[code]} ${details}`;
}

/** Asks with each at both doors, and tells what went otherwise than it should. */
async function wrongOf(port: number, cases: readonly TokenCase[]): Promise<string[]> {
  const door = openCallStatus(`127.0.0.1:${port}`);
  try {
    const wrong = await inPool(cases, AT_ONCE, async (one) => {
      const verdicts = await Promise.all([overHttp(port, one), overGrpc(door.call, one)]);
      const right = one.accept ? ["in"] : ["refused", "malformed"];
      return verdicts.every((verdict) => right.includes(verdict)) ? [] : [`${one.name}: ${verdicts}`];
    });
    return wrong.flat();
  } finally {
    door.close();
  }
}

async function startSink() {
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

/** The public keys of the vectors, broken and weak ones too. */
function vectorKeys(): object[] {
  const keys = jwsVectors().flatMap(({ jwks }) => (JSON.parse(jwks) as { keys: { kty: string }[] }).keys);
  const texts = new Set(keys.filter(({ kty }) => kty !== "oct").map((key) => JSON.stringify(key)));
  return [...texts].map((text) => JSON.parse(text) as object);
}

skipWithout("envoy")("tokens at the gateway", () => {
  scenario(
    "gateway.tokens",
    () =>
      behindGateway(async ({ gateway: { port }, issuer }) => {
        await using sink = await startSink();
        const cases = attackTokens(issuer, sink.url);
        expect(await wrongOf(port, cases)).toEqual([]);
        expect(cases.filter(({ accept }) => !accept).length).toBeGreaterThan(300);
        expect(sink.asked()).toBe(0);
      }),
    SLOW_MS,
  );

  skipWithoutData(WYCHEPROOF)("of Wycheproof", () => {
    scenario(
      "gateway.wycheproof",
      async () => {
        const strangeKeys = vectorKeys();
        expect(strangeKeys.length).toBeGreaterThan(10);
        await behindGateway(
          async ({ gateway: { port }, issuer }) => {
            const vectors = jwsVectors().map(({ name, jws }) => refused(name, jws));
            expect(await wrongOf(port, [...vectors, ...goodTokens(issuer)])).toEqual([]);
            expect(vectors.length).toBeGreaterThan(400);
          },
          { strangeKeys },
        );
      },
      SLOW_MS,
    );
  });
});

/** Chat behind a real Envoy: every door with a token, none without, and nothing that a client says of itself. */
import { once } from "node:events";
import { rename, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createClient, type Interceptor } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { skipWithout } from "@forerun/testing/skip-without";
import { startSpanReceiver } from "@forerun/testing/spans/span-receiver";
import { testIssuer } from "@forerun/testing/tokens/test-issuer";
import { goodClaims, issued } from "@forerun/testing/tokens/token-case";
import OpenAI from "openai";
import { expect } from "vitest";
import { behindGateway } from "./support/behind-gateway.ts";
import { allEvents, type ChatClient, eventsOf, isTerminal, textOf } from "./support/chat-client.ts";
import { startGateway } from "./support/gateway.ts";
import { getWith } from "./support/raw-http.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";
import { serverSentEvents } from "./support/server-sent-events.ts";
import { oneTrace, paths, unrooted } from "./support/trace-shape.ts";

const REFUSED = '{"code":"unauthenticated","message":"invalid credentials"}';
/** The same where OpenAI's clients ask. */
const REFUSED_IN_V1 =
  '{"error":{"message":"invalid credentials","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}';
const QUESTION = "17% of 2400?";
const SLOW_MS = 240_000;

/** Words that come slowly enough to be cut between them. */
const TOLD: Script["steps"] = [
  { match: { kind: "route" }, reply: { json: { thought: "prose", action: "answer" } }, times: 5 },
  {
    match: { kind: "answer" },
    reply: { text: "one two three four five six seven eight" },
    token_ms: 150,
    times: 5,
  },
];

function bearing(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}

type Door = "gRPC" | "gRPC-Web" | "gRPC-Web over HTTP/2" | "Connect" | "Connect over HTTP/2";

function clients(baseUrl: string, token: string): Record<Door, ChatClient> {
  const options = { baseUrl, interceptors: [bearing(token)] };
  return {
    gRPC: createClient(ChatService, createGrpcTransport(options)),
    "gRPC-Web": createClient(ChatService, createGrpcWebTransport({ ...options, httpVersion: "1.1" })),
    "gRPC-Web over HTTP/2": createClient(
      ChatService,
      createGrpcWebTransport({ ...options, httpVersion: "2" }),
    ),
    Connect: createClient(ChatService, createConnectTransport({ ...options, httpVersion: "1.1" })),
    "Connect over HTTP/2": createClient(
      ChatService,
      createConnectTransport({ ...options, httpVersion: "2" }),
    ),
  };
}

function postChat(
  url: string,
  token: string,
  headers: Record<string, string> = {},
  key = "k",
): Promise<Response> {
  return fetch(`${url}/chat`, {
    method: "POST",
    // As the page sends it, which is served under the same name.
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      origin: url,
      ...headers,
    },
    body: JSON.stringify({ text: QUESTION, idempotency_key: key }),
  });
}

async function followChat(url: string, token: string, last: string) {
  const resume = last ? { "last-event-id": last } : {};
  return serverSentEvents(await postChat(url, token, { accept: "text/event-stream", ...resume }));
}

function doors(): void {
  scenario(
    "gateway.doors",
    () =>
      behindGateway(async ({ gateway: { url }, token }) => {
        for (const [door, client] of Object.entries(clients(url, token))) {
          const events = await allEvents(client.chat({ input: { text: QUESTION } }));
          expect.soft({ door, text: textOf(events) }).toEqual({ door, text: expect.stringContaining("408") });
        }
        const whole = [];
        for await (const event of await followChat(url, token, "")) whole.push(event);
        const rest = [];
        for await (const event of await followChat(url, token, whole[1]?.id ?? "")) rest.push(event);
        expect(whole.length).toBeGreaterThan(4);
        expect(rest).toEqual(whole.slice(2));
        const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 });
        const messages = [{ role: "user" as const, content: QUESTION }];
        let said = "";
        for await (const chunk of await openai.chat.completions.create({
          model: "forerun",
          stream: true,
          messages,
        })) {
          said += chunk.choices[0]?.delta.content ?? "";
        }
        expect(said).toContain("408");
        const page = await fetch(url);
        expect([page.status, page.headers.get("content-type"), page.headers.get("server")]).toEqual([
          200,
          expect.stringContaining("text/html"),
          null,
        ]);
        expect((await fetch(`${url}/healthz`)).status).toBe(200);
      }),
    SLOW_MS,
  );

  scenario(
    "gateway.refuses",
    () =>
      behindGateway(async ({ gateway: { url, access } }) => {
        for (const [door, client] of Object.entries(clients(url, "none"))) {
          const refusal = await client.ask({ input: { text: QUESTION } }).catch((fault: unknown) => fault);
          expect
            .soft({ door, refusal })
            .toMatchObject({ refusal: { rawMessage: "invalid credentials", code: 16 } });
        }
        for (const path of ["/chat?secret=1", "/v1/models", "/status", "/nothing/here", "/.well-known/x"]) {
          const response = await fetch(`${url}${path}`, { method: "POST", body: "{}" });
          expect
            .soft([path, response.status, await response.text()])
            .toEqual([path, 401, path.startsWith("/v1/") ? REFUSED_IN_V1 : REFUSED]);
        }
        await expect.poll(() => access.length).toBeGreaterThan(8);
        expect(JSON.stringify(access)).not.toMatch(/secret|none|Bearer/);
      }),
    SLOW_MS,
  );
}

function whatGoesIn(): void {
  scenario("gateway.headers", async () => {
    await using stack = new DisposalStack();
    let seen: IncomingHttpHeaders = {};
    const server = createServer((request, response) => {
      if (request.url !== "/readyz") seen = request.headers;
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    stack.defer(() => void server.close());
    const issuer = testIssuer();
    const jwks = join(stack.use(await scratchFolder()).path, "jwks.json");
    await writeFile(jwks, issuer.jwks);
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const values = { auth: { issuer: issuer.issuer, jwks, jwks_seconds: 1 } };
    const chat = { http: `http://${address}`, grpc: address };
    const { url } = stack.use(await startGateway({ chat, issuer, jwks, values }));
    const token = issued(issuer, goodClaims(issuer));
    const forged = {
      "x-forerun-tenant": "globex",
      "X-Forerun-Queue": "regulated",
      "x-forerun-anything": "1",
      "forerun-caller": "local",
      "fr-caller": "local",
      "x-tenant-id": "globex",
      "x-envoy-retry-on": "5xx",
    };
    expect((await postChat(url, token, { ...forged, "x-harmless": "1" })).status).toBe(200);
    const names = Object.keys(seen);
    expect(names.filter((name) => /^(x-forerun|forerun|fr-|x-envoy|x-tenant)/.test(name))).toEqual([]);
    expect(seen).toMatchObject({ authorization: `Bearer ${token}`, "x-harmless": "1" });
    expect((await postChat(url, token, { with_underscore: "1" })).status).toBe(400);
    for (const path of ["/assets/..%2fchat", "/chat%2f", "/assets%5c..%5cchat"]) {
      expect.soft([path, (await getWith(Number(new URL(url).port), path, [])).status]).toEqual([path, 400]);
    }
    // The keys change while it runs.
    const next = testIssuer(issuer.issuer);
    await writeFile(`${jwks}.next`, next.jwks);
    await rename(`${jwks}.next`, jwks);
    const renewed = issued(next, goodClaims(next));
    await expect.poll(async () => (await postChat(url, renewed)).status, { timeout: 20_000 }).toBe(200);
    await expect.poll(async () => (await postChat(url, token)).status, { timeout: 20_000 }).toBe(401);
  });
}

function streams(): void {
  scenario(
    "gateway.resume",
    async () => {
      await using model = await startScriptedModel(TOLD);
      const env = { MODEL_URL: model.url, MODEL: "scripted" };
      await behindGateway(
        async ({ gateway, token, another }) => {
          for (const door of ["gRPC", "gRPC-Web", "Connect"] as const) {
            const first = door === "gRPC" ? gateway : await another();
            const told = [];
            let turnId = "";
            try {
              for await (const event of eventsOf(
                clients(first.url, token)[door].chat({ input: { text: door } }),
              )) {
                told.push(event);
                turnId = event.turnId;
                if (event.event.case === "outputTextDelta") first.kill();
              }
            } catch (fault) {
              expect.soft({ door, fault }).toMatchObject({ fault: { name: "ConnectError" } });
            }
            expect(told.some(isTerminal)).toBe(false);
            const again = clients((await another()).url, token)[door];
            const { epoch = 0, sequence = 0 } = told.at(-1) ?? {};
            const from = { turnId, epoch, afterSequence: sequence };
            told.push(...(await allEvents(again.streamTurn(from))));
            expect.soft(told).toEqual(await allEvents(again.streamTurn({ turnId })));
            expect
              .soft({ door, text: textOf(told) })
              .toEqual({ door, text: "one two three four five six seven eight" });
          }
        },
        { env },
      );
    },
    SLOW_MS,
  );

  scenario(
    "gateway.trace",
    async () => {
      await using receiver = await startSpanReceiver();
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: "50" };
      await behindGateway(
        async ({ gateway, token }) => {
          const turn = (await (await postChat(`${gateway.url}`, token)).json()) as { trace_id: string };
          const isWhole = (spans: ReturnType<typeof receiver.spans>) => {
            const trace = spans.filter(({ traceId }) => traceId === turn.trace_id);
            return (
              new Set(trace.map(({ service }) => service)).has("gateway") && unrooted(trace).length === 1
            );
          };
          await receiver.until(isWhole, "whole trace with the gateway's span");
          const trace = oneTrace(receiver.spans(), turn.trace_id);
          const [root] = unrooted(trace);
          expect(root).toMatchObject({ service: "gateway", name: "/chat" });
          expect(paths(trace)).toContain(
            "gateway /chat > chat forerun.chat.v1.ChatService/Ask > chat forerun.turn",
          );
          expect(JSON.stringify(root?.attributes)).not.toContain(token.slice(-20));
        },
        { env, values: { tracing: { url: receiver.url } } },
      );
    },
    SLOW_MS,
  );
}

skipWithout("envoy")("chat behind the gateway", () => {
  doors();
  whatGoesIn();
  streams();
});

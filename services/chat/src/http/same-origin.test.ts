import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EchoChat } from "./fixtures/echo-chat.ts";
import { startTestFront } from "./fixtures/test-front.ts";
import type { HttpServer } from "./server.ts";

let server: HttpServer;
beforeAll(async () => {
  server = await startTestFront(new EchoChat().implementation);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Status of a request with headers that fetch would not let us set. */
function statusOf(method: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${server.url}${path}`, { method, headers: { "content-type": "application/json", ...headers } })
      .on("response", (response) => resolve(response.resume().statusCode ?? 0))
      .on("error", reject)
      .end(method === "POST" ? '{"text":"a"}' : undefined);
  });
}

it.each(["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:9", "LOCALHOST"])(
  "host %s is served",
  async (host) => {
    expect(await statusOf("POST", "/chat", { host })).toBe(200);
  },
);

it.each(["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:8080", "localhost@evil", "[::2]"])(
  "host '%s' is refused on every path, so that a rebound name reaches nothing",
  async (host) => {
    for (const path of ["/chat", "/v1/chat/completions", "/forerun.chat.v1.ChatService/Ask"]) {
      expect(await statusOf("POST", path, { host })).toBe(403);
    }
    expect(await statusOf("GET", "/", { host })).toBe(403);
  },
);

it.each([
  ["the page's own origin", { host: "localhost:8080", origin: "http://localhost:8080" }, 200],
  ["no origin, as programs send", { host: "localhost:8080" }, 200],
  ["another site", { host: "localhost:8080", origin: "https://evil.example" }, 403],
  ["another port of this machine", { host: "localhost:8080", origin: "http://localhost:3000" }, 403],
  ["a sandboxed frame", { host: "localhost:8080", origin: "null" }, 403],
  ["a cross-site fetch without origin", { host: "localhost:8080", "sec-fetch-site": "cross-site" }, 403],
])("a POST from %s", async (_name, headers, status) => {
  expect(await statusOf("POST", "/chat", headers)).toBe(status);
});

it("a preflight of another site gets no permission", async () => {
  const response = await fetch(`${server.url}/chat`, { method: "OPTIONS" });
  expect(response.status).toBe(405);
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
});

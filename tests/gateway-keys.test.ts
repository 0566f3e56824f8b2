/** Where the gateway's keys come from, and the certificates at its door, with a real Envoy. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import { testIssuer } from "@forerun/testing/tokens/test-issuer";
import { goodClaims, issued } from "@forerun/testing/tokens/token-case";
import { expect } from "vitest";
import { startGateway } from "./support/gateway.ts";
import { getWith } from "./support/raw-http.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const run = promisify(execFile);

async function serving(stack: DisposalStack, answer: (path: string) => string): Promise<string> {
  const server: Server = createServer((asked, response) => response.end(answer(asked.url ?? "")));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function keys(): void {
  scenario("gateway.keys", async () => {
    await using stack = new DisposalStack();
    const first = testIssuer();
    const next = testIssuer(first.issuer);
    let served = first.jwks;
    const address = await serving(stack, (path) => (path === "/jwks.json" ? served : "chat"));
    const jwks = `http://${address}/jwks.json`;
    const values = { auth: { issuer: first.issuer, jwks, jwks_seconds: 1 } };
    const chat = { http: `http://${address}`, grpc: address };
    const { port } = stack.use(await startGateway({ chat, issuer: first, jwks, values }));
    const statusWith = async (token: string) =>
      (await getWith(port, "/v1/models", [`Bearer ${token}`])).status;
    const [old, renewed] = [first, next].map((issuer) => issued(issuer, goodClaims(issuer)));
    expect([await statusWith(old ?? ""), await statusWith(renewed ?? "")]).toEqual([200, 401]);
    served = next.jwks;
    await expect.poll(() => statusWith(renewed ?? ""), { timeout: 20_000 }).toBe(200);
    expect(await statusWith(old ?? "")).toBe(401);
  });

  scenario("gateway.origins", async () => {
    await using stack = new DisposalStack();
    const folder = stack.use(await scratchFolder()).path;
    const jwks = join(folder, "jwks.json");
    const issuer = testIssuer();
    await writeFile(jwks, issuer.jwks);
    const asked: string[] = [];
    const address = await serving(stack, (path) => `${asked.push(path)}`);
    const [friend, foe] = ["https://app.example.com", "https://other.example.com"];
    const chat = { http: `http://${address}`, grpc: address };
    const { url } = stack.use(await startGateway({ chat, issuer, jwks, values: { origins: [friend] } }));
    const allowed = async (method: string, origin: string, headers: Record<string, string>) => {
      const response = await fetch(`${url}/chat`, { method, headers: { origin, ...headers } });
      return [response.status, response.headers.get("access-control-allow-origin")];
    };
    const preflight = { "access-control-request-method": "POST" };
    expect(await allowed("OPTIONS", friend, preflight)).toEqual([200, friend]);
    expect(await allowed("OPTIONS", foe, preflight)).toEqual([200, null]);
    expect(asked.filter((path) => path === "/chat")).toEqual([]);
    const authorization = `Bearer ${issued(issuer, goodClaims(issuer))}`;
    expect(await allowed("POST", friend, { authorization })).toEqual([200, friend]);
    expect(await allowed("POST", foe, { authorization })).toEqual([200, null]);
    expect(await allowed("POST", friend, {})).toEqual([401, null]);
  });

  scenario("gateway.tls", async () => {
    await using stack = new DisposalStack();
    const folder = stack.use(await scratchFolder()).path;
    const files = { certificate: join(folder, "cert.pem"), key: join(folder, "key.pem") };
    const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
    await run("openssl", [...made, "-keyout", files.key, "-out", files.certificate]);
    const jwks = join(folder, "jwks.json");
    const issuer = testIssuer();
    await writeFile(jwks, issuer.jwks);
    const address = await serving(stack, () => "page");
    const values = { tls: { ...files, client_ca: files.certificate } };
    const chat = { http: `http://${address}`, grpc: address };
    const { port } = stack.use(await startGateway({ chat, issuer, jwks, values }));
    const ca = await readFile(files.certificate);
    const mine = { cert: ca, key: await readFile(files.key) };
    const trusting = { host: "127.0.0.1", port, ca, checkServerIdentity: () => undefined };

    const plain = request({ ...trusting, ...mine, path: "/" }).end();
    const [response] = (await once(plain, "response")) as [{ statusCode: number }];
    expect(response.statusCode).toBe(200);
    plain.destroy();

    const session = connectHttp2(`https://127.0.0.1:${port}`, { ...trusting, ...mine });
    stack.defer(() => session.destroy());
    const stream = session.request({ ":path": "/" });
    const [headers] = (await once(stream, "response")) as [{ ":status": number }];
    expect([headers[":status"], session.alpnProtocol]).toEqual([200, "h2"]);

    const stranger = request({ ...trusting, path: "/" }).end();
    await expect(once(stranger, "response")).rejects.toThrow(/certificate required|ECONNRESET|hang up/i);
  });
}

skipWithout("envoy")("the gateway", keys);

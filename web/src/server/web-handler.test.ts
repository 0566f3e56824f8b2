import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundlePage } from "./bundle.ts";
import { createWebHandler } from "./web-handler.ts";

/** Bytes of script that a first visit may cost, compressed. */
const ENTRY_LIMIT = 95_000;

let bundles = 0;
let url = "";
const server = createServer(
  (() => {
    const handler = createWebHandler({
      traceUrl: 'http://jaeger/trace/{trace_id}?"><script>',
      bundle: () => {
        bundles += 1;
        return bundlePage();
      },
    });
    return (request, response) => void handler(request, response);
  })(),
);
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function scriptPath(): Promise<string> {
  const html = await (await fetch(url)).text();
  return /src="([^"]+\.js)"/.exec(html)?.[1] ?? "";
}

it("serves a page that may load nothing but its own files and run nothing inline", async () => {
  const response = await fetch(url);
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|data:/);
  const html = await response.text();
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=/);
  expect(html).toContain('data-trace-url="http://jaeger/trace/{trace_id}?&#34;&#62;&#60;script&#62;"');
});

it("costs a first visit at most 95 kB of script", async () => {
  const script = Buffer.from(await (await fetch(url + (await scriptPath()))).arrayBuffer());
  expect(script.length).toBeGreaterThan(20_000);
  expect(gzipSync(script, { level: 9 }).length).toBeLessThan(ENTRY_LIMIT);
});

it("bundles once, however many ask at once, and lets browsers keep what has not changed", async () => {
  await Promise.all(Array.from({ length: 5 }, () => fetch(url)));
  expect(bundles).toBe(1);
  const first = await fetch(url + (await scriptPath()));
  expect(first.headers.get("cache-control")).toContain("immutable");
  const etag = first.headers.get("etag") ?? "";
  const again = await fetch(first.url, { headers: { "if-none-match": etag } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

it("tries again after a bundle that failed", async () => {
  let attempts = 0;
  const handler = createWebHandler({
    bundle: async () => {
      attempts += 1;
      if (attempts === 1) throw new Error("no memory");
      return bundlePage();
    },
  });
  const flaky = createServer((request, response) => {
    handler(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => flaky.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(flaky.address() as AddressInfo).port}`;
  expect((await fetch(address)).status).toBe(500);
  expect((await fetch(address)).status).toBe(200);
  flaky.closeAllConnections();
  await new Promise((resolve) => flaky.close(resolve));
});

import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { type Bundle, bundlePage } from "./bundle.ts";
import { MARK_SVG } from "./mark.ts";
import { PAGE_HEADERS, pageHtml } from "./page.ts";

export type WebHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export type WebOptions = Readonly<{
  /** Where traces are shown, with `{trace_id}` in it: turns then have a link to theirs. */
  traceUrl?: string | undefined;
  bundle?: () => Promise<Bundle>;
}>;

/** A file as it is sent; `etag` is a hash of it. */
type Asset = { type: string; plain: Buffer; gzip: Buffer; etag: string; cache: string };

const FOR_EVER = "public, max-age=31536000, immutable";

/**
 * Serves the page at `/` and its files under `/assets/`. The page is bundled at the first request and kept in memory; a bundle
 * that failed is tried again at the next. Rejects when bundling fails, before anything has been sent.
 */
export function createWebHandler({ traceUrl, bundle = bundlePage }: WebOptions = {}): WebHandler {
  let assets: Promise<Map<string, Asset>> | undefined;
  return async (request, response) => {
    assets ??= bundle().then((made) => assetsOf(made, traceUrl));
    const loaded = await assets.catch((fault: unknown) => {
      assets = undefined;
      throw fault;
    });
    const asset = loaded.get(pathOf(request));
    if (asset) sendAsset(request, response, asset);
    else response.writeHead(404, { ...PAGE_HEADERS, "content-type": "text/plain" }).end("not found\n");
  };
}

function assetsOf(bundle: Bundle, traceUrl: string | undefined): Map<string, Asset> {
  const { script, style } = bundle;
  return new Map([
    ["/", asset("text/html; charset=utf-8", pageHtml(bundle, traceUrl), "no-cache")],
    [`/assets/${script.name}`, asset("text/javascript; charset=utf-8", script.bytes, FOR_EVER)],
    [`/assets/${style.name}`, asset("text/css; charset=utf-8", style.bytes, FOR_EVER)],
    ["/assets/mark.svg", asset("image/svg+xml", MARK_SVG, "no-cache")],
  ]);
}

function asset(type: string, content: string | Uint8Array, cache: string): Asset {
  const plain = Buffer.from(content);
  const etag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  return { type, plain, gzip: gzipSync(plain, { level: 9 }), etag, cache };
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const headers = {
    ...PAGE_HEADERS,
    etag: asset.etag,
    "cache-control": asset.cache,
    vary: "accept-encoding",
  };
  if (request.headers["if-none-match"] === asset.etag) return void response.writeHead(304, headers).end();
  const zipped = /\bgzip\b/.test(request.headers["accept-encoding"]?.toString() ?? "");
  const body = zipped ? asset.gzip : asset.plain;
  response.writeHead(200, {
    ...headers,
    "content-type": asset.type,
    "content-length": body.length,
    ...(zipped && { "content-encoding": "gzip" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function pathOf({ url }: IncomingMessage): string {
  return (url ?? "/").split("?", 1)[0] ?? "/";
}

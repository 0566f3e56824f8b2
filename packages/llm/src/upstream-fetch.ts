import type { Readable } from "node:stream";
import { type Dispatcher, request } from "undici";

/** Headers of a refusal that someone reads; the rest is not worth its conversion. */
const READ_HEADERS = ["retry-after", "retry-after-ms"];

/** Refusals whose reason is read: they may name a part of the request that can be left out. */
const EXPLAINED = new Set([400, 422]);
const MAX_REASON_BYTES = 16_384;

export type UpstreamFetch = Readonly<{
  /** Has the shape of `fetch`, for the SDK; its responses carry status, headers and, of a refused request, the reason. */
  fetch: typeof fetch;
  /** The body of a response with a 2xx status, as undici's own stream. */
  bodyOf(response: Response): Readable;
}>;

/**
 * `fetch` over `undici.request`, whose Node streams cost a fraction of web streams per chunk. Bodies bypass the `Response`
 * for the same reason. Redirects are not followed: a key must not travel to another host.
 */
export function createUpstreamFetch(dispatcher: Dispatcher): UpstreamFetch {
  const bodies = new WeakMap<Response, Readable>();
  return {
    async fetch(input, init = {}) {
      const upstream = await request(String(input), {
        dispatcher,
        method: "POST",
        headers: Object.fromEntries(
          init.headers instanceof Headers ? init.headers : new Headers(init.headers),
        ),
        body: typeof init.body === "string" ? init.body : null,
        signal: init.signal ?? null,
      });
      // A body that is destroyed early raises an error; whoever reads it gets it from the iteration.
      upstream.body.on("error", () => {});
      const status = shownStatus(upstream.statusCode);
      if (status >= 300) {
        const words = EXPLAINED.has(status) ? await beginningOf(upstream.body) : null;
        discard(upstream.body);
        return new Response(words, { status, headers: readHeaders(upstream.headers) });
      }
      const response = new Response(null, { status });
      bodies.set(response, upstream.body);
      return response;
    },
    bodyOf(response) {
      const body = bodies.get(response);
      if (body === undefined) throw new TypeError("the response has no body");
      return body;
    },
  };
}

async function beginningOf(body: Readable): Promise<string> {
  let text = "";
  for await (const bytes of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    text += Buffer.from(bytes).toString("utf8");
    if (text.length > MAX_REASON_BYTES) break;
  }
  return text;
}

/** Lets the rest of a body flow away so that its connection can be used again, unless it takes too long. */
export function discard(body: Readable, graceMs = 1_000): void {
  if (body.closed) return;
  const timer = setTimeout(() => body.destroy(), graceMs).unref();
  body.once("close", () => clearTimeout(timer));
  body.resume();
}

/** `Response` takes 200 to 599; anything else is a broken server. */
function shownStatus(status: number): number {
  return status >= 200 && status <= 599 ? status : 502;
}

function readHeaders(headers: Dispatcher.ResponseData["headers"]): Headers {
  const read = new Headers();
  for (const name of READ_HEADERS) {
    const value = headers[name];
    if (typeof value === "string") read.set(name, value);
  }
  return read;
}

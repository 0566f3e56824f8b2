import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { decodeSpans, type ReceivedSpan } from "./received-span.ts";

export type SpanReceiver = Readonly<{
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  /** What has come so far, in the order it came in. */
  spans(): readonly ReceivedSpan[];
  /** Resolves once `holds` says so of what has come; fails by name after `withinMs`. */
  until(holds: (spans: readonly ReceivedSpan[]) => boolean, what: string, withinMs?: number): Promise<void>;
}> &
  AsyncDisposable;

/** An OTLP endpoint (HTTP with protobuf) that keeps what it is sent. */
export async function startSpanReceiver(): Promise<SpanReceiver> {
  const spans: ReceivedSpan[] = [];
  const listeners = new Set<() => void>();
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const zipped = request.headers["content-encoding"] === "gzip";
      spans.push(...decodeSpans(zipped ? gunzipSync(body) : body));
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
      for (const tell of listeners) tell();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    until: (holds, what, withinMs = 30_000) =>
      new Promise((resolve, reject) => {
        const settle = (end: () => void) => {
          listeners.delete(check);
          clearTimeout(timer);
          end();
        };
        const check = () => {
          if (holds(spans)) settle(resolve);
        };
        const timer = setTimeout(() => {
          const names = spans.map(({ service, name }) => `${service} ${name}`).join(", ");
          settle(() => reject(new Error(`no ${what} within ${withinMs} ms, but ${names || "nothing"}`)));
        }, withinMs);
        listeners.add(check);
        check();
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

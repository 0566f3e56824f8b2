import { createServer } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { afterEach, describe, expect, it } from "vitest";
import { CALLER_HEADER, claimSigner } from "./claim.ts";
import { edgeHandler } from "./edge.ts";
import { contractService, KEY, MAX_BYTES } from "./fixtures/contract-service.ts";
import { serveGrpc } from "./grpc-server.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A stream without end, and when its handler has been told to stop. */
function endlessCount() {
  const { binding, handle } = contractService();
  let stopped = () => {};
  const over = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  handle({
    async *count() {
      try {
        for (;;) yield { padding: new Uint8Array(4_096) };
      } finally {
        stopped();
      }
    },
  });
  return { binding, over };
}

const COMMON = { log: silentLogger, maxMessageBytes: MAX_BYTES, stallMs: 50 };
const PATH = "/forerun.testing.contract.v1.ContractService/Count";
const NO_FIELDS = Buffer.alloc(5);

describe("a client that reads nothing of its stream", () => {
  it("is let go over gRPC, and its handler stops", async () => {
    const { binding, over } = endlessCount();
    const server = await serveGrpc({
      ...COMMON,
      bindings: [binding],
      host: "127.0.0.1",
      port: 0,
      callers: { key: KEY },
    });
    cleanups.push(() => server[Symbol.asyncDispose]());
    const session = connectHttp2(`http://${server.address}`);
    cleanups.push(() => session.destroy());
    const claim = await claimSigner(KEY, "test")(LOCAL_CALLER);
    const headers = { "content-type": "application/grpc", te: "trailers", [CALLER_HEADER]: claim };
    // Node reads a stream only where somebody listens to it.
    session.request({ ":method": "POST", ":path": PATH, ...headers }).end(NO_FIELDS);
    await expect(over).resolves.toBeUndefined();
  });

  it("is let go at the edge, and its handler stops", async () => {
    const { binding, over } = endlessCount();
    const handler = edgeHandler([binding], { ...COMMON, authenticate: () => LOCAL_CALLER });
    const server = createServer((request, response) => void handler(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => server.close());
    cleanups.push(() => server.closeAllConnections());
    const socket = connectTcp((server.address() as AddressInfo).port, "127.0.0.1").pause();
    cleanups.push(() => socket.destroy());
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/connect+proto\r\nconnect-protocol-version: 1\r\ncontent-length: 5\r\n\r\n`,
    );
    socket.write(NO_FIELDS);
    await expect(over).resolves.toBeUndefined();
  });
});

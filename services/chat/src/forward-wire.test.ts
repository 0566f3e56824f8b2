import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { bind } from "@forerun/rpc/binding";
import { createMeshClient } from "@forerun/rpc/client";
import { edgeHandler } from "@forerun/rpc/edge";
import { type GrpcServer, serveGrpc } from "@forerun/rpc/grpc-server";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import { createLocalTransport } from "@forerun/rpc/local";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forward } from "./forward-wire.ts";

const COMMON = { maxMessageBytes: 4_194_304, log: silentLogger };

describe("a forwarded stream without an end", () => {
  let grpc: GrpcServer;
  let edge: Server;
  let leaving: AbortController;
  /** Whether the service behind was told that its stream is over. */
  let left: Promise<void>;

  beforeEach(async () => {
    let leave = () => {};
    left = new Promise((resolve) => {
      leave = resolve;
    });
    const tools = bind(ToolService, {
      async *watchTools(_request, ctx) {
        yield { version: "1" };
        if (!ctx.signal.aborted)
          await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve, { once: true }));
        leave();
      },
    });
    const transport = createLocalTransport([tools], { ...COMMON, messages: "clone" });
    const client = createMeshClient(ToolService, transport);
    const binding = forward(ToolService, () => client, ["watchTools"]);
    const here = { host: "127.0.0.1", port: 0, noticeMs: 0 };
    grpc = await serveGrpc({
      ...COMMON,
      ...here,
      bindings: [binding],
      callers: { identify: () => LOCAL_CALLER },
    });
    leaving = new AbortController();
    const authenticate = () => LOCAL_CALLER;
    const handler = edgeHandler([binding], { ...COMMON, authenticate, drain: leaving.signal });
    edge = createServer((request, response) => void handler(request, response));
    await new Promise<void>((resolve) => edge.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    edge.closeAllConnections();
    edge.close();
    await grpc[Symbol.asyncDispose]();
  });

  /** Versions until the stream ends in good order. */
  async function watch(
    client: ReturnType<typeof createMeshClient<typeof ToolService>>,
    drain: () => unknown,
  ): Promise<string[]> {
    const versions: string[] = [];
    for await (const { version } of client.watchTools({})) {
      versions.push(version);
      drain();
    }
    await left;
    return versions;
  }

  it("ends when chat's gRPC door drains", async () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    using transport = createGrpcTransport({ address: `ipv4:${grpc.address}`, key, service: "chat" });
    const client = createMeshClient(ToolService, transport);
    expect(await watch(client, () => void grpc.drain(10_000))).toEqual(["1"]);
  });

  it("ends when chat's HTTP door drains", async () => {
    const baseUrl = `http://127.0.0.1:${(edge.address() as AddressInfo).port}`;
    const client = createMeshClient(ToolService, createConnectTransport({ baseUrl, httpVersion: "1.1" }));
    expect(await watch(client, () => leaving.abort())).toEqual(["1"]);
  });
});

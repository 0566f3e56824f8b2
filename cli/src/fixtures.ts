import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport } from "@connectrpc/connect-node";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { createMeshClient } from "@forerun/rpc/client";
import type { Reach } from "./reach.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

/** A real Connect server on a free port of this machine that answers as the test says. */
export async function serveConnect(
  routes: (router: ConnectRouter) => void,
): Promise<{ url: string; reach: Reach } & AsyncDisposable> {
  const server = createServer(connectNodeAdapter({ routes })).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1" });
  return {
    url,
    reach: {
      chat: createMeshClient(ChatService, transport),
      tools: createMeshClient(ToolService, transport),
      memory: createMeshClient(MemoryService, transport),
      callerOptions: () => ({}),
      [Symbol.asyncDispose]: async () => {},
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A terminal without a TTY that keeps what it was told. */
export function recordingTerminal(): { terminal: Terminal; stdout(): string; stderr(): string } {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({
    write(text: string) {
      written[name] += text;
    },
  });
  const terminal = createTerminal({ stdout: stream("stdout"), stderr: stream("stderr") }, {});
  return { terminal, stdout: () => written.stdout, stderr: () => written.stderr };
}

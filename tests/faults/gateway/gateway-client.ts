import { createConnectTransport } from "@connectrpc/connect-node";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { createMeshClient } from "@forerun/rpc/client";
import type { ChatClient } from "../../support/chat-client.ts";

/** A typed client over Connect that shows a token with every call. */
export function gatewayClient(url: string, token: string): ChatClient {
  const transport = createConnectTransport({
    baseUrl: url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });
  return createMeshClient(ChatService, transport);
}

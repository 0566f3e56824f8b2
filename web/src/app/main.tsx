import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { render } from "preact";
import { Chat } from "../model/chat.ts";
import { addressOf, conversationIn } from "./address.ts";
import { App } from "./app.tsx";
import { bearing, keptToken } from "./token.ts";
import { TraceUrl } from "./trace-link.tsx";

const transport = createConnectTransport({ baseUrl: location.origin, interceptors: [bearing(keptToken)] });
const client = createClient(ChatService, transport);
const chat = new Chat(client, {
  pause: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
  newKey: () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-"),
  remember: (conversationId) => history.replaceState(null, "", addressOf(conversationId)),
});

addEventListener("hashchange", () => void chat.open(conversationIn(location.hash)));
void chat.list.refresh();
void chat.open(conversationIn(location.hash));

const root = document.getElementById("app");
if (root) {
  const page = (
    <TraceUrl.Provider value={root.dataset.traceUrl || undefined}>
      <App chat={chat} />
    </TraceUrl.Provider>
  );
  render(page, root);
}

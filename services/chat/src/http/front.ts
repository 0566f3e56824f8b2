import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Client } from "@connectrpc/connect";
import { PATH_ROLES } from "@forerun/auth/access";
import { requireRole } from "@forerun/auth/require-role";
import type { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import type { Embedder } from "@forerun/embeddings/embedder";
import type { Caller } from "@forerun/runtime/caller";
import type { Logger } from "@forerun/runtime/logger";
import type { Status } from "../status.ts";
import { chatHandler } from "./chat-route.ts";
import { errorHeaders, errorJson } from "./error-json.ts";
import { type Exchange, openExchange, sendJson } from "./exchange.ts";
import { toHttpError } from "./http-error.ts";
import { openAiRoutes } from "./openai/openai-routes.ts";
import { ClientGone } from "./request-body.ts";
import { findRoute, nothingAt, probe, type Route, requireMethod } from "./routes.ts";
import { type AllowedHosts, requireSameOrigin } from "./same-origin.ts";

/** Handles what is not ours to parse: it answers on its own, errors included. */
export type Mounted = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export type HttpFrontDeps = {
  chat: Client<typeof ChatService>;
  /** The verified caller; throws `unauthenticated`. */
  authenticate: (request: IncomingMessage) => Caller | Promise<Caller>;
  /** Whether a turn of the caller's would be refused: its request is then not even read. */
  isFull: (caller: Caller) => boolean;
  /** Connect and gRPC-Web. */
  edge: Mounted;
  /** The web client: `/` and its assets. */
  web: Mounted;
  /** Makes the vectors of /v1/embeddings; without one they are refused. */
  embedder?: Embedder | undefined;
  /** Model names that /v1 answers to. */
  models: () => readonly { id: string }[];
  ready: () => boolean;
  /** How this process and what it needs stand. */
  status: () => Promise<Status>;
  /** `bodyBytes` bounds a request body to the byte, `jsonDepth` its nesting. */
  limits: { bodyBytes: number; jsonDepth: number };
  allowedHosts: AllowedHosts;
  log: Logger;
};

/** Everything that the chat service serves over HTTP, as one listener. */
export function createHttpFront(deps: HttpFrontDeps): RequestListener {
  const routes = routesOf(deps);
  const nowhere = nothingAt("*", failWith(deps.log));
  return (request, response) => {
    const exchange = openExchange(request, response);
    void serve(deps, findRoute(routes, exchange.path) ?? nowhere, exchange);
  };
}

function routesOf(deps: HttpFrontDeps): Route[] {
  const fail = failWith(deps.log);
  const mounted = (path: string, handler: Mounted): Route => ({
    path,
    methods: ["GET", "POST"],
    handle: ({ request, response }) => handler(request, response),
    fail,
  });
  const page = (path: string): Route => ({ ...mounted(path, deps.web), methods: ["GET"] });
  return [
    { path: "/chat", methods: ["POST"], handle: chatHandler(deps), fail },
    ...openAiRoutes(deps),
    probe("/healthz", () => true, fail),
    probe("/readyz", deps.ready, fail),
    {
      path: "/status",
      methods: ["GET"],
      handle: async (exchange) => {
        requireRole(await deps.authenticate(exchange.request), PATH_ROLES["/status"]);
        sendJson(exchange, 200, await deps.status());
      },
      fail,
    },
    mounted("/forerun.*", deps.edge),
    mounted("/grpc.*", deps.edge),
    page("/"),
    page("/assets/*"),
  ];
}

async function serve(deps: HttpFrontDeps, route: Route, exchange: Exchange): Promise<void> {
  try {
    requireSameOrigin(exchange.request, deps.allowedHosts);
    requireMethod(route, exchange);
    await route.handle(exchange);
  } catch (thrown) {
    if (thrown instanceof ClientGone || exchange.signal.aborted) return;
    if (!exchange.response.headersSent) return route.fail(exchange, thrown);
    toHttpError(thrown, deps.log);
    exchange.response.destroy();
  }
}

function failWith(log: Logger): Route["fail"] {
  return (exchange, thrown) => {
    const error = toHttpError(thrown, log.child({ request_id: exchange.requestId }));
    sendJson(exchange, error.httpStatus, errorJson(error), errorHeaders(error));
  };
}

/** What anybody may read of chat: the page, its parts, and whether it serves. They hold nothing of anybody's. */
export const PAGE_PATHS = [{ path: "/" }, { prefix: "/assets/" }, { path: "/readyz" }] as const;

/** Where no token is asked for; whether the gateway lives is answered by itself. */
export const OPEN_PATHS = [...PAGE_PATHS, { path: "/healthz" }] as const;

/** What takes a token over HTTP; chat asks for the role that each needs. */
export const HTTP_PATHS = [
  { path: "/chat" },
  { path: "/status" },
  { prefix: "/v1/" },
  { prefix: "/forerun." },
] as const;

/** Health and reflection stay inside; gRPC's clients out here need neither. */
export const GRPC_PATHS = { prefix: "/forerun." } as const;

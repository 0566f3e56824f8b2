/** What anybody may read: the page and its parts, and whether the gateway and chat serve. They hold nothing of anybody's. */
export const OPEN_PATHS = [
  { path: "/" },
  { prefix: "/assets/" },
  { path: "/healthz" },
  { path: "/readyz" },
] as const;

/** What takes a token over HTTP; chat asks for the role that each needs. */
export const HTTP_PATHS = [
  { path: "/chat" },
  { path: "/status" },
  { prefix: "/v1/" },
  { prefix: "/forerun." },
] as const;

/** Health and reflection stay inside; gRPC's clients out here need neither. */
export const GRPC_PATHS = { prefix: "/forerun." } as const;

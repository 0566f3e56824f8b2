import { ForerunError } from "@forerun/runtime/forerun-error";
import { type Exchange, sendJson } from "./exchange.ts";

/** Answers one exchange, or throws what the caller turns into an error of the route's API. */
export type Handler = (exchange: Exchange) => void | Promise<void>;

export type Route = {
  /** An exact path, or with `*` at its end everything that begins with what stands before. */
  path: string;
  /** GET takes HEAD too. */
  methods: readonly ("GET" | "POST")[] | "any";
  handle: Handler;
  /** How this route prints errors. */
  fail: (exchange: Exchange, thrown: unknown) => void;
};

/** The first route for the path. */
export function findRoute(routes: readonly Route[], path: string): Route | undefined {
  return routes.find((route) =>
    route.path.endsWith("*") ? path.startsWith(route.path.slice(0, -1)) : path === route.path,
  );
}

/** Throws unless the route takes the method, and names in `Allow` those it takes. */
export function requireMethod(route: Route, { method, response }: Exchange): void {
  if (route.methods === "any") return;
  const allowed: readonly string[] = route.methods.flatMap((one) => (one === "GET" ? ["GET", "HEAD"] : one));
  if (allowed.includes(method)) return;
  response.setHeader("allow", allowed.join(", "));
  throw new ForerunError(
    "FR-E1321",
    "unimplemented",
    `${method} is not allowed here`,
    `Use ${route.methods.join(" or ")}.`,
  );
}

/** Answers every path below that no other route took. */
export function nothingAt(path: string, fail: Route["fail"]): Route {
  return { path, methods: "any", handle: () => Promise.reject(noSuchPath()), fail };
}

function noSuchPath(): ForerunError {
  return new ForerunError(
    "FR-E1320",
    "not_found",
    "there is nothing at this path",
    "See docs/api.md for the paths that exist.",
  );
}

/** A route that reports one fact about the process. */
export function probe(path: string, healthy: () => boolean, fail: Route["fail"]): Route {
  return {
    path,
    methods: ["GET"],
    handle: (exchange) =>
      healthy()
        ? sendJson(exchange, 200, { status: "ok" })
        : sendJson(exchange, 503, { status: "unavailable" }),
    fail,
  };
}

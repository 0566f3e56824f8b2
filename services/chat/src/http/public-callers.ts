import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { bearerToken } from "@forerun/auth/bearer";
import type { TokenVerifier } from "@forerun/auth/token-verifier";
import { unauthenticated } from "@forerun/rpc/call-context";
import type { Identify } from "@forerun/rpc/identify";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { type AllowedHosts, LOOPBACK_HOSTS } from "./same-origin.ts";

/** How the doors that people use know who comes in. */
export type PublicCallers = Readonly<{
  /** The caller of an HTTP request. Throws `unauthenticated`. */
  authenticate(request: IncomingMessage | Http2ServerRequest): Caller | Promise<Caller>;
  /** The caller of a gRPC call, or undefined. */
  identify: Identify;
  /** Tokens go with no request that a foreign page makes on its own: with them any host may be asked for. */
  allowedHosts: AllowedHosts;
}>;

/** By the token in the Authorization header and by nothing else; without a verifier all are the local caller. */
export function publicCallers(verify: TokenVerifier | undefined): PublicCallers {
  if (!verify) {
    const local = () => LOCAL_CALLER;
    return { authenticate: local, identify: local, allowedHosts: LOOPBACK_HOSTS };
  }
  const callerOf = (authorization: readonly string[]) => {
    const token = bearerToken(authorization);
    return token === undefined ? undefined : verify(token);
  };
  return {
    async authenticate({ rawHeaders }) {
      // Node keeps the first of several Authorization headers alone; the gateway may have looked at another.
      const values = rawHeaders.filter(
        (_, at) => /^authorization$/i.test(rawHeaders[at - 1] ?? "") && at % 2 === 1,
      );
      const caller = await callerOf(values);
      if (!caller) throw unauthenticated();
      return caller;
    },
    identify: ({ header }) => callerOf([header.get("authorization") ?? ""]),
    allowedHosts: "any",
  };
}

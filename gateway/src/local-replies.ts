import { LIMIT_REFUSALS, type Refusal, refusalMappers } from "./limits/refusals.ts";

/** One for every fault of a token, so that nobody learns which; chat says the same. */
const WHO_ARE_YOU: Refusal = {
  status: 401,
  code: "unauthenticated",
  grpcStatus: 16,
  message: "invalid credentials",
  headers: { "www-authenticate": "Bearer" },
};

const REFUSALS: readonly Refusal[] = [
  WHO_ARE_YOU,
  { status: 400, code: "invalid_argument", grpcStatus: 3, message: "the request is malformed" },
  { status: 404, code: "not_found", grpcStatus: 12, message: "there is nothing at this path" },
  { status: 426, code: "invalid_argument", grpcStatus: 3, message: "the protocol is not served" },
  { status: 500, code: "internal", grpcStatus: 13, message: "internal error" },
  { status: 502, code: "unavailable", grpcStatus: 14, message: "the service is away" },
  { status: 503, code: "unavailable", grpcStatus: 14, message: "the service is away" },
  { status: 504, code: "deadline_exceeded", grpcStatus: 4, message: "the service did not answer in time" },
];

/** Every answer of the gateway's own, in the words and the shape of the services' and without a word of what lies behind. */
export function localReplies(): object[] {
  return refusalMappers([...REFUSALS, ...LIMIT_REFUSALS]);
}

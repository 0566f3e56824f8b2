import { typed } from "./typed.ts";

/**
 * One JSON line a request on stdout: what was asked for and how it ended. No query, no header of a client's but the request's id,
 * nothing of a token: chat's log names tenant and user, as hashes, under the same request id and trace.
 */
export const ACCESS_LOG: readonly object[] = [
  {
    name: "access-log",
    typed_config: typed("extensions.access_loggers.stream.v3.StdoutAccessLog", {
      log_format: {
        json_format: {
          time: "%START_TIME%",
          service: "gateway",
          msg: "request",
          method: "%REQ(:METHOD)%",
          path: "%PATH(NQ)%",
          protocol: "%PROTOCOL%",
          status: "%RESPONSE_CODE%",
          grpc_status: "%GRPC_STATUS(SNAKE_STRING)%",
          flags: "%RESPONSE_FLAGS%",
          details: "%RESPONSE_CODE_DETAILS%",
          request_id: "%REQ(X-REQUEST-ID)%",
          trace_id: "%TRACE_ID%",
          upstream: "%UPSTREAM_HOST%",
          attempts: "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
          bytes_received: "%BYTES_RECEIVED%",
          bytes_sent: "%BYTES_SENT%",
          ms: "%DURATION%",
          first_byte_ms: "%RESPONSE_DURATION%",
        },
      },
    }),
  },
];

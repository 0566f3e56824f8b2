/** A refusal of the gateway, in the words and the code that the services would use. */
type Refusal = { status: number; code: string; grpcStatus: number; message: string };

const REFUSALS: readonly Refusal[] = [
  { status: 403, code: "permission_denied", grpcStatus: 7, message: "not allowed from this address" },
  { status: 408, code: "deadline_exceeded", grpcStatus: 4, message: "the request did not arrive in time" },
  { status: 413, code: "resource_exhausted", grpcStatus: 8, message: "the message is longer than the limit" },
  { status: 429, code: "resource_exhausted", grpcStatus: 8, message: "too many requests of this tenant" },
  {
    status: 431,
    code: "resource_exhausted",
    grpcStatus: 8,
    message: "the headers are longer than the limit",
  },
];
const CONNECT_STREAMS = ["application/connect+json", "application/connect+proto"] as const;
const END_OF_STREAM_FLAG = 2;

/**
 * `local_reply_config.mappers` for what the limits refuse. gRPC has its status in trailers, a stream of Connect has its error in
 * an envelope of a 200, and everything else has the JSON error.
 */
export function refusalMappers(): object[] {
  return REFUSALS.flatMap((refusal) => [
    ofGrpc(refusal),
    ...CONNECT_STREAMS.map((type) => ofConnectStream(refusal, type)),
    ofHttp(refusal),
  ]);
}

function ofGrpc({ status, grpcStatus, message }: Refusal): object {
  return {
    filter: both(hasStatus(status), hasContentType("application/grpc")),
    headers_to_add: [
      {
        header: { key: "grpc-status", value: String(grpcStatus) },
        append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
      },
    ],
    body: { inline_string: message },
  };
}

function ofConnectStream({ status, code, message }: Refusal, contentType: string): object {
  const error = Buffer.from(JSON.stringify({ error: { code, message } }));
  const envelope = Buffer.alloc(5);
  envelope.writeUInt8(END_OF_STREAM_FLAG, 0);
  envelope.writeUInt32BE(error.length, 1);
  return {
    filter: both(hasStatus(status), hasContentType(contentType)),
    status_code: 200,
    body: { inline_bytes: Buffer.concat([envelope, error]).toString("base64") },
    body_format_override: {
      text_format_source: { inline_string: "%LOCAL_REPLY_BODY%" },
      content_type: contentType,
    },
  };
}

function ofHttp({ status, code, message }: Refusal): object {
  return {
    filter: hasStatus(status),
    body_format_override: {
      text_format_source: { inline_string: JSON.stringify({ code, message }) },
      content_type: "application/json",
    },
  };
}

function hasStatus(status: number): object {
  const value = { default_value: status, runtime_key: `forerun.refusal.${status}` };
  return { status_code_filter: { comparison: { op: "EQ", value } } };
}

function hasContentType(prefix: string): object {
  return { header_filter: { header: { name: "content-type", string_match: { prefix } } } };
}

function both(...filters: object[]): object {
  return { and_filter: { filters } };
}

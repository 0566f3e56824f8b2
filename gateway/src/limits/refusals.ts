/** A refusal of the gateway, in the words and the code that the services would use. */
export type Refusal = {
  status: number;
  code: string;
  grpcStatus: number;
  message: string;
  headers?: Readonly<Record<string, string>>;
};

/** What the limits refuse. */
export const LIMIT_REFUSALS: readonly Refusal[] = [
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
const GRPC_WEB = "application/grpc-web+proto";
const TRAILERS_FLAG = 0x80;

/**
 * `local_reply_config.mappers` for answers of the gateway's own. gRPC has its status in trailers, a stream of Connect has its error in
 * an envelope of a 200 and gRPC-Web its trailers, and everything else has the JSON error.
 */
export function refusalMappers(refusals: readonly Refusal[]): object[] {
  return refusals.flatMap((refusal) => [
    ofGrpcWeb(refusal),
    ofGrpc(refusal),
    ...CONNECT_STREAMS.map((type) => ofConnectStream(refusal, type)),
    ofOpenAi(refusal),
    ofHttp(refusal),
  ]);
}

function ofGrpcWeb({ status, grpcStatus, message, headers }: Refusal): object {
  const trailers = Buffer.from(`grpc-status: ${grpcStatus}\r\ngrpc-message: ${message}\r\n`);
  return {
    filter: both(hasStatus(status), hasContentType("application/grpc-web")),
    status_code: 200,
    headers_to_add: setting(headers),
    ...inEnvelope(TRAILERS_FLAG, trailers, GRPC_WEB),
  };
}

function ofGrpc({ status, grpcStatus, message, headers }: Refusal): object {
  return {
    filter: both(hasStatus(status), hasContentType("application/grpc")),
    headers_to_add: setting({ ...headers, "grpc-status": String(grpcStatus) }),
    body: { inline_string: message },
  };
}

function ofConnectStream({ status, code, message, headers }: Refusal, contentType: string): object {
  const error = Buffer.from(JSON.stringify({ error: { code, message } }));
  return {
    filter: both(hasStatus(status), hasContentType(contentType)),
    status_code: 200,
    headers_to_add: setting(headers),
    ...inEnvelope(END_OF_STREAM_FLAG, error, contentType),
  };
}

/** The reply's body, after a flag and its length. */
function inEnvelope(flag: number, body: Buffer, contentType: string): object {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flag, 0);
  prefix.writeUInt32BE(body.length, 1);
  return {
    body: { inline_bytes: Buffer.concat([prefix, body]).toString("base64") },
    body_format_override: {
      text_format_source: { inline_string: "%LOCAL_REPLY_BODY%" },
      content_type: contentType,
    },
  };
}

function setting(headers: Refusal["headers"] = {}): object[] {
  return Object.entries(headers).map(([key, value]) => ({
    header: { key, value },
    append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
  }));
}

/** In OpenAI's shape, which is all that its clients read; chat words its own there alike. */
function ofOpenAi({ status, code, message, headers }: Refusal): object {
  const type = status === 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error";
  const error = { message, type, param: null, code: status === 401 ? "invalid_api_key" : code };
  return {
    filter: both(hasStatus(status), {
      header_filter: { header: { name: ":path", string_match: { prefix: "/v1/" } } },
    }),
    headers_to_add: setting(headers),
    ...inJson({ error }),
  };
}

function ofHttp({ status, code, message, headers }: Refusal): object {
  return {
    filter: hasStatus(status),
    headers_to_add: setting(headers),
    ...inJson({ code, message }),
  };
}

function inJson(body: object): object {
  return {
    body_format_override: {
      text_format_source: { inline_string: JSON.stringify(body) },
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

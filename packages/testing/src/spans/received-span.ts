import { fromBinary } from "@bufbuild/protobuf";
import {
  type AnyValue,
  ExportRequestSchema,
  type KeyValue,
  type Span,
} from "@forerun/testing/contracts/forerun/testing/otlp/v1/trace_pb";

export type Value = string | number | boolean | Value[] | undefined;

/** A span as a collector sees it; ids are hex. */
export type ReceivedSpan = Readonly<{
  /** `service.name` of its resource. */
  service: string;
  name: string;
  kind: "unspecified" | "internal" | "server" | "client" | "producer" | "consumer";
  traceId: string;
  spanId: string;
  /** Empty for a root. */
  parentId: string;
  attributes: Readonly<Record<string, Value>>;
  /** Span ids that it points to. */
  links: readonly string[];
  failed: boolean;
  startNs: bigint;
  endNs: bigint;
}>;

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
const ERROR = 2;

/** The spans of one OTLP request over HTTP with protobuf. Throws for anything else. */
export function decodeSpans(body: Uint8Array): ReceivedSpan[] {
  return fromBinary(ExportRequestSchema, body).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource?.attributes ?? [])["service.name"]);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => received(service, span)));
  });
}

function received(service: string, span: Span): ReceivedSpan {
  return {
    service,
    name: span.name,
    kind: KINDS[span.kind] ?? "unspecified",
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentId: hex(span.parentSpanId),
    attributes: attributesOf(span.attributes),
    links: span.links.map(({ spanId }) => hex(spanId)),
    failed: span.status?.code === ERROR,
    startNs: span.startTimeUnixNano,
    endNs: span.endTimeUnixNano,
  };
}

function attributesOf(pairs: readonly KeyValue[]): Record<string, Value> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, read(value)]));
}

function read(wrapped: AnyValue | undefined): Value {
  switch (wrapped?.value.case) {
    case "arrayValue":
      return wrapped.value.value.values.map(read);
    case "intValue":
      return Number(wrapped.value.value);
    default:
      return wrapped?.value.value;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

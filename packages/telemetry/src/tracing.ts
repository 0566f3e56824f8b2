import type { Attributes } from "@opentelemetry/api";
import type { SpanName } from "./names.ts";

/** A span under way. `traceparent` is its W3C context: hand it to whatever the span calls. */
export type Span = {
  traceparent: string | undefined;
  setAttributes(attributes: Attributes): void;
  /** Points to a span that it has to do with and does not hang under. */
  link(traceparent: string | undefined): void;
  end(outcome?: "ok" | "error"): void;
};

/** What a span is in its hop: what calls and what serves, what publishes and what receives. */
export type SpanKind = "internal" | "client" | "server" | "producer" | "consumer";

export type SpanStart = Readonly<{ kind?: SpanKind; attributes?: Attributes }>;

/** Starts spans under an explicit parent: AsyncLocalStorage would make every await of the process dearer. */
export type Tracer = { start(name: SpanName, parent: string | undefined, how?: SpanStart): Span };

/** Traces nothing and hands the caller's context on. */
export const passThroughTracer: Tracer = {
  start: (_name, parent) => ({ traceparent: parent, setAttributes() {}, link() {}, end() {} }),
};

/** The 32 hex digits of a traceparent; empty without one. */
export function traceIdOf(traceparent: string | undefined): string {
  return /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent ?? "")?.[1] ?? "";
}

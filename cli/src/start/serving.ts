/** What a started process tells of itself. */
export type Serving = {
  version: string;
  /** Base address of HTTP. */
  http: string;
  /** host:port of gRPC. */
  grpc: string;
  /** Whole address of the metrics. */
  metrics: string;
  /** Milliseconds from the command to the first request that can be served. */
  ms: number;
  /** Name of the answer model; null without one. */
  model: string | null;
  /** Which embedder ranks tools; null ranks them by words alone. */
  embedder: string | null;
  store: "pglite" | "postgres";
  /** What carries calls of tools. */
  bus: "in-process" | "nats";
  /** Where results that are used again are kept: "redis" shares them with others. */
  cache: "in-process" | "redis";
  dataDir: string;
  /** Tools in use. */
  tools: number;
};

/** The first line on stdout for programs that start Forerun. */
export function readyLine(
  { version, http, grpc, metrics, ms, model, store, bus, cache }: Serving,
  pid: number,
): string {
  return JSON.stringify({
    event: "ready",
    version,
    http,
    grpc,
    metrics,
    pid,
    ms: Math.round(ms),
    model,
    store,
    bus,
    cache,
  });
}

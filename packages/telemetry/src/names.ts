/** Every metric and span that Forerun emits. A name is defined here before anything records it. */

export const METRICS = {
  turns: "forerun_turns_total",
  turnDuration: "forerun_turn_duration_seconds",
  firstToken: "forerun_first_token_seconds",
  turnsInFlight: "forerun_turns_in_flight",
  turnLogGaps: "forerun_turn_log_gaps_total",
  toolCalls: "forerun_tool_calls_total",
  toolErrors: "forerun_tool_errors_total",
  toolDuration: "forerun_tool_duration_seconds",
  speculations: "forerun_speculations_total",
  speculationSaved: "forerun_speculation_saved_seconds_total",
  speculationWasted: "forerun_speculation_wasted_seconds_total",
  discardedModelCalls: "forerun_discarded_model_calls_total",
  modelCalls: "forerun_model_calls_total",
  modelAttempts: "forerun_model_attempts_total",
  modelFirstToken: "forerun_model_first_token_seconds",
  routeAlone: "forerun_route_alone_total",
  routeAloneActive: "forerun_route_alone_active",
  tokens: "forerun_tokens_total",
  cost: "forerun_cost_usd_total",
  cacheRequests: "forerun_cache_requests_total",
  redisCommands: "forerun_redis_commands_total",
  redisUp: "forerun_redis_up",
  quotaEvents: "forerun_quota_events_total",
  rpcDuration: "forerun_rpc_duration_seconds",
  rpcClientDuration: "forerun_rpc_client_duration_seconds",
  busLag: "forerun_bus_lag_seconds",
  busDropped: "forerun_bus_dropped_total",
  busFallbacks: "forerun_bus_fallbacks_total",
  busUp: "forerun_bus_up",
  draining: "forerun_draining",
  residentMemory: "process_resident_memory_bytes",
  processCpu: "process_cpu_seconds_total",
  processStart: "process_start_time_seconds",
  eventLoopP50: "nodejs_eventloop_delay_p50_seconds",
  eventLoopP99: "nodejs_eventloop_delay_p99_seconds",
  eventLoopUtilization: "nodejs_eventloop_utilization_ratio",
} as const;

export const SPANS = {
  turn: "forerun.turn",
  begin: "forerun.begin",
  memorySearch: "forerun.memory.search",
  route: "forerun.route",
  draft: "forerun.draft",
  tool: "forerun.tool",
  answer: "forerun.answer",
  finish: "forerun.finish",
} as const;

/** Spans of ours that stand around a call of another service; the others are internal. */
export const CLIENT_SPANS: ReadonlySet<string> = new Set([
  SPANS.memorySearch,
  SPANS.route,
  SPANS.tool,
  SPANS.answer,
]);

/**
 * What OpenTelemetry's conventions name is named as they have it: a request to a model `chat MODEL` or `embeddings MODEL`, an RPC
 * `package.Service/Method`, a message `publish CALLS` and `process CALLS`.
 */
export type SpanName =
  | (typeof SPANS)[keyof typeof SPANS]
  | `${"chat" | "embeddings"} ${string}`
  | `${"publish" | "process"} ${string}`
  | `${string}/${string}`;

/** Attributes of our own spans. */
export const ATTRIBUTES = {
  /** State that a turn ended in. */
  state: "forerun.state",
  /** Who decided, and what: of `forerun.route`. */
  tier: "forerun.tier",
  action: "forerun.action",
  tool: "tool.name",
  /** hit, late, miss, cancelled or failed: of a call or an answer that began before the decision. */
  speculation: "speculation.outcome",
} as const;

/** Attributes of the conventions for generative AI (semantic-conventions, docs/gen-ai/gen-ai-spans.md). */
export const GEN_AI = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  finishReasons: "gen_ai.response.finish_reasons",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cachedTokens: "gen_ai.usage.cache_read.input_tokens",
  errorType: "error.type",
} as const;

/** Attributes of the conventions for RPC (docs/rpc/rpc-spans.md, the names that tracing tools read today). No peer is named. */
export const RPC = {
  system: "rpc.system",
  service: "rpc.service",
  method: "rpc.method",
  statusCode: "rpc.response.status_code",
} as const;

/** Attributes of the conventions for messaging (docs/messaging/messaging-spans.md). */
export const MESSAGING = {
  system: "messaging.system",
  operation: "messaging.operation.type",
  destination: "messaging.destination.template",
} as const;

/** Seconds; fine enough for p50 and p95 of a cached hop as well as of a slow model. */
export const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60,
];

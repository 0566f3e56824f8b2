/** Every metric and span that Forerun emits. A name is defined here before anything records it. */

export const METRICS = {
  turns: "forerun_turns_total",
  turnDuration: "forerun_turn_duration_seconds",
  firstToken: "forerun_first_token_seconds",
  turnsInFlight: "forerun_turns_in_flight",
  toolCalls: "forerun_tool_calls_total",
  toolDuration: "forerun_tool_duration_seconds",
  speculations: "forerun_speculations_total",
  speculationSaved: "forerun_speculation_saved_seconds_total",
  speculationWasted: "forerun_speculation_wasted_seconds_total",
  modelCalls: "forerun_model_calls_total",
  modelAttempts: "forerun_model_attempts_total",
  modelFirstToken: "forerun_model_first_token_seconds",
  routeAlone: "forerun_route_alone_total",
  routeAloneActive: "forerun_route_alone_active",
  tokens: "forerun_tokens_total",
  cost: "forerun_cost_usd_total",
  cacheRequests: "forerun_cache_requests_total",
  rpcDuration: "forerun_rpc_duration_seconds",
} as const;

export const SPANS = {
  turn: "forerun.turn",
  begin: "forerun.begin",
  memorySearch: "forerun.memory.search",
  route: "forerun.route",
  tool: "forerun.tool",
  answer: "forerun.answer",
  finish: "forerun.finish",
} as const;

/** A request to a model is named as OpenTelemetry's conventions for generative AI have it. */
export type SpanName = (typeof SPANS)[keyof typeof SPANS] | `chat ${string}`;

/** Attributes of those conventions (semantic-conventions, docs/gen-ai/gen-ai-spans.md). */
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

/** Seconds; fine enough for p50 and p95 of a cached hop as well as of a slow model. */
export const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60,
];

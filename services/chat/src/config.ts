import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { PlacesOptions } from "@forerun/runtime/fair-places";
import type { FileConfig } from "@forerun/runtime/file-config";
import type { z } from "zod";
import type { QuotaPolicy } from "./quota/policy.ts";
import { quotaPolicy } from "./quota/quota-policy.ts";
import type { SpeculationPolicy } from "./speculation/launch-rule.ts";
import type { LogBounds } from "./store/turn-log.ts";

const CHAT_ENVIRONMENT = ENVIRONMENT.pick({
  HOST: true,
  PORT: true,
  GRPC_PORT: true,
  METRICS_ADDR: true,
  DATA_DIR: true,
  CONFIG: true,
  LOG_LEVEL: true,
  LOG_USER_IDS: true,
  MAX_MESSAGE_BYTES: true,
  MAX_CONNECTION_AGE: true,
  MAX_RUNNING_TURNS: true,
  DATABASE_URL: true,
  DATABASE_POOL: true,
  DATABASE_TIMEOUT: true,
  DATABASE_MIGRATE: true,
  REDIS_URL: true,
  LANE: true,
  FORERUN_ENV: true,
  ROUTER_ADDR: true,
  TOOL_EXECUTOR_ADDR: true,
  ANSWER_ADDR: true,
  MEMORY_ADDR: true,
  FORERUN_KEY: true,
  AUTH: true,
  MODEL: true,
  ROUTE_MODEL: true,
  TRACE_URL: true,
});

export type ChatEnvironment = z.output<typeof CHAT_ENVIRONMENT>;

export function readChatEnvironment(env: Environment): ChatEnvironment {
  return readEnv(CHAT_ENVIRONMENT, env);
}

/** What the composed service needs to know. */
export type ChatConfig = {
  /** Whose tool calls go the way of the environment; see tool-lanes-wire.ts. */
  lane: string;
  limits: { messageBytes: number; maxModelCalls: number; maxToolCalls: number; deadlineMs: number };
  speculation: SpeculationPolicy;
  /** Bytes of any wire message or HTTP body at most. */
  maxMessageBytes: number;
  /** Turns that run at one time, and how they are shared out. */
  places: PlacesOptions;
  /** Turns that are accepted at one time, and how many may wait for that. */
  beginnings: PlacesOptions;
  /** Undefined where nobody has a quota. */
  quotas: QuotaPolicy | undefined;
  /** Names under which /v1 offers this server, besides "forerun". */
  models: readonly string[];
};

/** A tenant may hold four places in five. */
const SHARE_OF_ONE = 0.8;

/**
 * Enough to keep a store busy, and no more: what is accepted faster than it can be worked on only makes all of it late. Beyond
 * that a burst may wait; what outlasts a burst is refused at once, while its caller can still go elsewhere.
 */
const BEGINNINGS: PlacesOptions = { running: 6, waiting: 200, standing: { afterMs: 500, waiting: 32 } };

export function chatConfig(env: ChatEnvironment, file: FileConfig): ChatConfig {
  const { limits, speculation } = file;
  return {
    lane: env.LANE,
    limits: {
      messageBytes: limits.message_bytes,
      maxModelCalls: limits.max_model_calls,
      maxToolCalls: limits.max_tool_calls,
      deadlineMs: limits.deadline,
    },
    speculation: {
      enabled: speculation.enabled,
      answer: speculation.answer,
      minPTool: speculation.min_p_tool,
      minPArguments: speculation.min_p_arguments,
      maxPerTurn: speculation.max_per_turn,
      maxWaste: speculation.max_waste,
    },
    maxMessageBytes: env.MAX_MESSAGE_BYTES,
    places: {
      running: env.MAX_RUNNING_TURNS,
      perTenant: Math.ceil(SHARE_OF_ONE * env.MAX_RUNNING_TURNS),
      waiting: 0,
    },
    beginnings: BEGINNINGS,
    quotas: quotaPolicy(file, { route: env.ROUTE_MODEL ?? env.MODEL, answer: env.MODEL }),
    models: env.MODEL ? [env.MODEL] : [],
  };
}

/** What the store holds back and lets go. */
export function logBounds({ limits, retention }: FileConfig): Required<LogBounds> {
  return { maxQueued: limits.queued_turns, eventDays: retention.event_days };
}

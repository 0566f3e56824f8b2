import { z } from "zod";
import { QUEUE_PATTERN, TENANT_PATTERN } from "./caller.ts";
import {
  count,
  duration,
  httpUrl,
  MODEL_EXAMPLE,
  meshAddress,
  secretReference,
  share,
} from "./config-fields.ts";
import { QUOTAS } from "./quota-fields.ts";

/** The shape of forerun.yaml. Strict: a key that is not named here is an error. Published as docs/forerun.schema.json. */

const price = z
  .strictObject({
    input: z.number().min(0).describe("Input tokens."),
    output: z.number().min(0).describe("Output tokens."),
    cached: z.number().min(0).optional().describe("Input tokens read from the provider's cache."),
  })
  .describe("USD per million tokens.");

const model = z.strictObject({
  url: httpUrl(MODEL_EXAMPLE).describe("Base address of an OpenAI-compatible API."),
  model: z.string().min(1).describe("Name of the model."),
  key: secretReference().optional().describe("Where its key is kept: env:NAME or file:PATH."),
  price: price.optional(),
  context_tokens: count({ min: 1 }).optional().describe("Tokens that fit into one request and its answer."),
  timeout: duration()
    .optional()
    .describe("Longest silence to bear: for a connection, an answer's beginning and each further part."),
});

const tier = (what: string) =>
  z.array(model).min(1).optional().describe(`${what}, tried in order before the first token.`);

const tiers = z.strictObject({
  route: tier("Models that decide on tools"),
  answer: tier("Models that write answers"),
  escalate: tier("Larger models for hard decisions"),
  judge: tier("Models that judge answers in evals"),
  embed: tier("Embedding models"),
});

const models = z.strictObject({
  tiers: tiers.prefault({}).describe("Which model does what."),
  tenants: z
    .record(z.string().regex(TENANT_PATTERN, { error: "expected the name of a tenant" }), tiers)
    .optional()
    .describe("Tiers of single tenants, in place of the common ones."),
});

const speculation = z.strictObject({
  enabled: z.boolean().default(true).describe("Start safe tools before the decision."),
  answer: z.boolean().default(false).describe("Start the answer on draft results too."),
  min_p_tool: share().default(0.5).describe("Least probability of the tool for an early start."),
  min_p_arguments: share().default(0.6).describe("Least probability of the arguments for an early start."),
  max_per_turn: count({ min: 0, max: 64 })
    .default(2)
    .describe("Guessed calls that start early in a turn at most."),
  max_waste: share()
    .default(0.5)
    .describe("Share of early work that may be thrown away before a tenant stops speculating."),
});

const toolSettings = z.strictObject({
  timeout: duration().optional().describe("Longest run of one call."),
  cache_ttl: duration().optional().describe("How long a result may be reused."),
  rendered_answer: z
    .boolean()
    .optional()
    .describe(
      "Where its call is the turn's only one, its own words are the answer: no model call, and no rewording.",
    ),
});

const tools = z
  .object({
    enabled: z
      .array(z.string())
      .default(["*"])
      .describe("Names of tools in use; * stands for any part of a name."),
    timeout: duration().optional().describe("Longest run of one call of any tool without its own."),
  })
  .catchall(toolSettings.describe("Settings of the tool with this name."));

const cache = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe("Use results of tools, for as long as each allows, and answers of models again."),
  model_ttl: duration()
    .prefault("60s")
    .describe(
      "How long a model's decision or answer may be used again for the same question; 0s means never.",
    ),
});

const limits = z.strictObject({
  message_bytes: count({ min: 1, max: 262_144 })
    .default(262_144)
    .describe("Bytes of a user's message at most."),
  max_model_calls: count({ min: 0, max: 32 }).default(2).describe("Model calls a turn at most."),
  max_tool_calls: count({ min: 0, max: 64 }).default(8).describe("Tool calls a turn at most."),
  deadline: duration().prefault("60s").describe("Longest turn."),
  queued_turns: count({ min: 0, max: 1_000 })
    .default(16)
    .describe("Turns of one conversation that may wait for others of it."),
});

const retention = z.strictObject({
  event_days: count({ min: 1, max: 36_500 })
    .default(30)
    .describe("Days that the events of a turn are kept; the turn, its answer and its messages stay."),
});

const lane = z.strictObject({
  tool_executor: meshAddress().describe(
    "Address of its executors: dns:///host:port, ipv4:a:p,b:p or file:///list.",
  ),
  nats: secretReference()
    .optional()
    .describe(
      "Where the address of NATS is kept, with the lane's own user: env:NAME or file:PATH. Without it calls go over gRPC.",
    ),
});

const replicas = z.strictObject({
  lease: duration()
    .refine((ms) => ms >= 1_000 && ms <= 3_000, { error: "expected a duration from 1s to 3s" })
    .prefault("1500ms")
    .describe("How long a replica of chat may be silent before the others take its turns over."),
});

export const FILE_CONFIG = z.strictObject({
  models: models.prefault({}).describe("Models by tier."),
  speculation: speculation.prefault({}).describe("Early tool calls."),
  tools: tools.prefault({}).describe("Which tools are in use, and their settings by name."),
  cache: cache.prefault({}).describe("What is kept to be used again."),
  limits: limits.prefault({}).describe("Bounds of one turn."),
  quotas: QUOTAS.prefault({}).describe(
    "What tenants, users and models may use; without one nothing is counted ahead.",
  ),
  retention: retention.prefault({}).describe("How long what is not needed for long is kept."),
  replicas: replicas.prefault({}).describe("Replicas of chat on one Postgres."),
  lanes: z
    .record(z.string().regex(QUEUE_PATTERN, { error: "expected the queue of a token" }), lane)
    .default({})
    .describe("Executors of callers whose token has this queue. What is not named here is refused."),
});

/** forerun.yaml as the program sees it: defaults filled in, durations in milliseconds. */
export type FileConfig = z.output<typeof FILE_CONFIG>;
export type ModelConfig = z.output<typeof model>;
export type ToolSettings = z.output<typeof toolSettings>;

import { z } from "zod";
import { duration, httpUrl, MODEL_EXAMPLE, meshAddress, port, wholeNumber } from "./config-fields.ts";
import { DEFAULT_CONFIG_FILE } from "./config-file.ts";

const MAX_WIRE_BYTES = 64 * 1024 * 1024;

/** Where a service of the mesh is found. */
function serviceAddress(service: string) {
  return meshAddress()
    .optional()
    .describe(
      `Address of ${service} when it runs as its own process: dns:///host:port, ipv4:a:p,b:p or file:///list.`,
    );
}

/** A name that may stand in the subjects of NATS and in keys. */
const NAME = /^[a-z0-9_-]{1,64}$/;
const NAME_EXPECTED = "expected a-z, 0-9, _ and -, 64 characters at most";

function isBrokerUrl(text: string): boolean {
  return /^(nats|tls):\/\/[^\s,/?#]+$/.test(text) && URL.canParse(text);
}

/** Every environment variable that Forerun reads. A service's schema picks from these, so that a name means one thing everywhere. */
export const ENVIRONMENT = z.object({
  HOST: z.string().default("127.0.0.1").describe("Address to listen on. Any but loopback needs AUTH."),
  PORT: port().default(8080).describe("Port of HTTP: web, Connect, /chat and /v1. 0 takes any free one."),
  GRPC_PORT: port().default(8081).describe("Port of gRPC. 0 takes any free one."),
  METRICS_ADDR: z
    .string()
    .regex(/^[^\s:]+:\d{1,5}$/, { error: "expected host:port" })
    .default("127.0.0.1:9464")
    .describe("Address of the Prometheus metrics, host:port. Port 0 takes any free one."),
  DATA_DIR: z
    .string()
    .default("./data")
    .describe("Folder of the embedded store. One process owns it at a time."),
  CONFIG: z
    .string()
    .default(DEFAULT_CONFIG_FILE)
    .describe("The configuration file. At its default place it may be missing."),
  TOOLS_DIR: z.string().default("./tools").describe("Watched folder of tool modules."),
  FORERUN_TOOLS: z.enum(["on", "off"]).default("on").describe("off runs without any tool."),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("Least severe log line that is written."),
  LOG_USER_IDS: z
    .enum(["hash", "plain"])
    .default("hash")
    .describe("How users appear in logs: a keyed hash, or their id."),
  MAX_MESSAGE_BYTES: wholeNumber({ min: 1024, max: MAX_WIRE_BYTES, what: "bytes" })
    .default(4_194_304)
    .describe("Bytes of any gRPC message or HTTP body at most."),
  MAX_CONNECTION_AGE: duration()
    .prefault("5m")
    .describe(
      "How long a gRPC connection lasts before it is renewed, so that its client looks for new replicas.",
    ),
  MAX_RUNNING_TURNS: wholeNumber({ min: 1, max: 100_000, what: "turns" })
    .default(2_000)
    .describe("Turns that one process drives at a time; one tenant may have four in five of them."),
  OPENAI_API_KEY: z.string().optional().describe("Key of the model's API. Sent as a bearer token."),
  MODEL_URL: httpUrl(MODEL_EXAMPLE)
    .optional()
    .describe("Base address of an OpenAI-compatible API. With only OPENAI_API_KEY it is OpenAI's."),
  MODEL: z.string().optional().describe("Model that writes answers. Required with a model's address or key."),
  ROUTE_MODEL: z.string().optional().describe("Small model that decides on tools. Without it MODEL decides."),
  EMBEDDINGS: z
    .enum(["lexical", "local"])
    .optional()
    .describe(
      "local embeds with the model in EMBEDDINGS_DIR, lexical with none. Unset: EMBEDDINGS_URL where it is set.",
    ),
  EMBEDDINGS_DIR: z
    .string()
    .optional()
    .describe("Folder of a sentence model: tokenizer.json and onnx/*.onnx. Required with EMBEDDINGS=local."),
  EMBEDDINGS_URL: httpUrl(MODEL_EXAMPLE)
    .optional()
    .describe(
      "Base address of an OpenAI-compatible API that embeds. OPENAI_API_KEY goes to MODEL_URL's host alone.",
    ),
  EMBEDDINGS_MODEL: z.string().default("text-embedding-3-small").describe("Model at EMBEDDINGS_URL."),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, { error: "expected postgres://user:password@host:port/database" })
    .optional()
    .describe("Postgres with pgvector. Without it the embedded store in DATA_DIR is used."),
  DATABASE_POOL: wholeNumber({ min: 1, max: 500, what: "connections" })
    .default(10)
    .describe("Connections to Postgres that a service of this process opens at most."),
  DATABASE_TIMEOUT: duration()
    .prefault("15s")
    .describe("Longest statement on Postgres. Five seconds later one without an answer counts as lost."),
  DATABASE_MIGRATE: z
    .enum(["on", "off"])
    .default("on")
    .describe("off refuses to start on a Postgres whose schemas forerun migrate has not brought up to date."),
  NATS_URL: z
    .string()
    .refine((text) => text.split(",").every(isBrokerUrl), {
      error: "expected nats://user:password@host:4222, or tls://; several with commas between them",
    })
    .optional()
    .describe("NATS, which carries calls of tools and live events. Without it tools are called over gRPC."),
  LANE: z
    .string()
    .regex(NAME, { error: NAME_EXPECTED })
    .default("default")
    .describe(
      "Lane of this process: the queue class of the callers whose tool calls it takes, or that are its own.",
    ),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, { error: "expected redis://user:password@host:port/database" })
    .optional()
    .describe(
      "Redis, where replicas share results that are used again. Without it each process keeps its own.",
    ),
  FORERUN_ENV: z
    .string()
    .regex(NAME, { error: NAME_EXPECTED })
    .default("dev")
    .describe("Name of the deployment: what several of them share, NATS or Redis, is kept apart by it."),
  ROUTER_ADDR: serviceAddress("the router"),
  TOOL_EXECUTOR_ADDR: serviceAddress("the tool executor"),
  ANSWER_ADDR: serviceAddress("the answer service"),
  MEMORY_ADDR: serviceAddress("the memory service"),
  FORERUN_KEY: z
    .string()
    .refine((text) => Buffer.from(text, "base64").length === 32, { error: "expected 32 bytes in base64" })
    .optional()
    .describe(
      "32 bytes in base64: signs the caller between services and keys the hashes in logs. Made at each start when unset.",
    ),
  AUTH: z
    .enum(["off", "jwt"])
    .default("off")
    .describe(
      "Who may call. off serves loopback alone, as one local tenant; jwt takes bearers of JWT_ISSUER's tokens.",
    ),
  JWT_ISSUER: z
    .string()
    .optional()
    .describe(
      "iss of the tokens that AUTH=jwt takes. forerun-dev, whose key is in DATA_DIR: not in production.",
    ),
  JWT_AUDIENCE: z.string().default("forerun").describe("aud that a token must have."),
  JWKS: z
    .string()
    .optional()
    .describe(
      "The issuer's public keys: path of a JWKS, read anew when it changes, or its http(s) address, asked every 5 minutes.",
    ),
  NODE_ENV: z.string().optional().describe("production refuses the issuer forerun-dev."),
  FORERUN_BIN: z.string().optional().describe("Folder with server binaries (postgres) that are not on PATH."),
  FORERUN_URL: httpUrl("http://localhost:8080")
    .default("http://127.0.0.1:8080")
    .describe("Server that the command line talks to."),
  FORERUN_TOKEN: z.string().optional().describe("Bearer token that the command line sends."),
  TRACE_URL: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:.*\{trace_id\}/.test(text), {
      error: "expected an address with {trace_id} in it, such as http://localhost:16686/trace/{trace_id}",
    })
    .optional()
    .describe("Where traces are shown, {trace_id} for the id: turns then have a link to theirs."),
  OPEN_METEO_URL: httpUrl("http://localhost:9000")
    .default("https://api.open-meteo.com")
    .describe("Weather service of get_weather."),
  GEOCODING_URL: httpUrl("http://localhost:9000")
    .default("https://geocoding-api.open-meteo.com")
    .describe("Place search of geocode and get_weather."),
  FRANKFURTER_URL: httpUrl("http://localhost:9000/v1")
    .default("https://api.frankfurter.dev/v1")
    .describe("Reference rates of exchange_rate; /latest is added."),
  QUOTE_URL: httpUrl("http://localhost:9000/quote")
    .optional()
    .describe(
      "Quote service of stock_quote: {symbol} in it is replaced, or ?symbol= added. None when unset.",
    ),
});

export type EnvironmentName = keyof typeof ENVIRONMENT.shape;

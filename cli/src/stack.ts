/** All five services in one process: the only file that composes them. Each call between them is direct, with a network's rules. */
import type { DescService } from "@bufbuild/protobuf";
import type { CallOptions, Client } from "@connectrpc/connect";
import { createAnswer } from "@forerun/answer/app";
import { readAnswerModels, readRenderedTools } from "@forerun/answer/config";
import type { TokenVerifier } from "@forerun/auth/token-verifier";
import type { Cache } from "@forerun/cache/cache";
import { openProcessCache } from "@forerun/cache/open-process-cache";
import { type ChatApp, createChat } from "@forerun/chat/app";
import type { ServiceClients } from "@forerun/chat/clients";
import { type ChatEnvironment, chatConfig, logBounds, readChatEnvironment } from "@forerun/chat/config";
import { openQuotas } from "@forerun/chat/quota/open-quotas";
import { openChatStore } from "@forerun/chat/store/open-store";
import { CHAT_SCHEMA } from "@forerun/chat/store/schema";
import { gapMetric, turnMetrics } from "@forerun/chat/turn-metrics";
import { allOf, turnLines } from "@forerun/chat/turn-observers";
import type { TurnObserver } from "@forerun/chat/turns";
import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { openEmbedded } from "@forerun/db/embedded";
import { type StorePlace, storePlace } from "@forerun/db/store-place";
import type { Embedder } from "@forerun/embeddings/embedder";
import { openEmbedder } from "@forerun/embeddings/open-embedder";
import { readEmbeddings } from "@forerun/embeddings/settings";
import { rpcMetrics } from "@forerun/host/rpc-metrics";
import { rpcTracer } from "@forerun/host/rpc-tracer";
import type { Signals } from "@forerun/llm/model-observer";
import type { ModelTier, TierSettings } from "@forerun/llm/model-settings";
import { openReplyMemory, type ReplyMemory } from "@forerun/llm/reply-memory";
import { type ModelFor, openTier } from "@forerun/llm/tier-models";
import { createMemory } from "@forerun/memory/app";
import { openMemoryStore } from "@forerun/memory/store/open-store";
import { createRouter } from "@forerun/router/app";
import { readEscalateModels, readRouteModels, routerConfig } from "@forerun/router/config";
import type { App } from "@forerun/rpc/binding";
import { valuesOf } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { createLocalTransport } from "@forerun/rpc/local";
import type { Observer } from "@forerun/rpc/observe";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import type { Environment } from "@forerun/runtime/config";
import { readConfigFile } from "@forerun/runtime/config-file";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { FileConfig } from "@forerun/runtime/file-config";
import { createLogger, type Logger } from "@forerun/runtime/logger";
import { createPseudonym } from "@forerun/runtime/pseudonym";
import { busSignals } from "@forerun/telemetry/bus-signals";
import { createMetrics, type Metrics } from "@forerun/telemetry/metrics";
import { openTracing, type Tracing } from "@forerun/telemetry/open-tracing";
import { createToolExecutor } from "@forerun/tool-executor/app";
import { toolExecutorConfig } from "@forerun/tool-executor/config";
import { openInvocations } from "@forerun/tool-executor/invocations/open-invocations";
import { createWebHandler } from "@forerun/web/server/web-handler";
import type { Meter } from "@opentelemetry/api";
import { openCallBus } from "./call-bus.ts";

export type Stack = {
  chat: Client<typeof ChatService>;
  tools: Client<typeof ToolService>;
  memory: Client<typeof MemoryService>;
  /** What a call of these clients needs: the local caller. */
  callerOptions(): CallOptions;
  /** For serving it: chat with its HTTP front. */
  app: ChatApp;
  metrics: Metrics;
  log: Logger;
  /** Name of the answer model; null without one. */
  model: string | null;
  /** Which embedder ranks tools; null ranks them by words alone. */
  embedder: string | null;
  store: "pglite" | "postgres";
  bus: "in-process" | "nats";
} & AsyncDisposable;

export type StackOptions = {
  /** Called with the id of each turn that has ended here. */
  turnEnded?: (turnId: string) => void;
  /** Verifies the tokens of people at the doors that are served; without it each of them is the local caller. */
  verify?: TokenVerifier | undefined;
  /** Opens what keeps conversations and turns; the store that the environment names unless it is given. */
  openStore?: typeof openChatStore;
};

/** Opens the stores and composes the services. Throws ForerunError when the configuration or the data folder does not allow it. */
export async function startStack(environment: Environment, options: StackOptions = {}): Promise<Stack> {
  const resources = new DisposalStack();
  try {
    const ground = await openGround(environment, resources);
    // Who brings a store for turns brings none for calls: then nothing that changes something is run.
    const place = options.openStore ? undefined : await openStore(ground);
    const memory = await composeMemory(ground);
    const tools = await composeTools(ground, memory, place);
    const { router } = await composeRouter(ground, tools);
    const { answer, model } = composeAnswer(ground);
    const { app, chat } = await composeChat(
      { ...ground, place: place ?? ground.place },
      { router, tools, answer, memory },
      options,
    );
    return {
      chat,
      tools,
      memory,
      callerOptions: asLocal,
      app,
      metrics: ground.metrics,
      log: ground.logger("chat"),
      model,
      embedder: ground.embedder?.id ?? null,
      store: ground.env.DATABASE_URL ? "postgres" : "pglite",
      bus: ground.calls.kind,
      [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await resources[Symbol.asyncDispose]();
    throw fault;
  }
}

/** The router with the tools it chooses among. */
export type Routing = {
  router: Client<typeof RouterService>;
  tools: Client<typeof ToolService>;
  /** Name of the model that decides; null without one. */
  model: string | null;
  /** Which embedder ranks tools; null ranks them by words alone. */
  embedder: string | null;
  callerOptions(): CallOptions;
} & AsyncDisposable;

/** Longest wait of a decision for what is read behind it: who asks for decisions alone wants to know the best ones. */
const ROUTING_PATIENCE_MS = 60_000;

/** Router and tools alone, without a store: enough to decide, not to search documents. Throws as `startStack` does. */
export async function startRouting(environment: Environment): Promise<Routing> {
  const resources = new DisposalStack();
  try {
    const ground = await openGround(environment, resources);
    const nothing = { bindings: [], [Symbol.asyncDispose]: async () => {} };
    const tools = await composeTools(ground, serve(ground, MemoryService, nothing, "memory"));
    const { router, model } = await composeRouter(ground, tools, ROUTING_PATIENCE_MS);
    return {
      router,
      tools,
      model,
      embedder: ground.embedder?.id ?? null,
      callerOptions: asLocal,
      [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await resources[Symbol.asyncDispose]();
    throw fault;
  }
}

function asLocal(): CallOptions {
  return { contextValues: valuesOf(LOCAL_CALLER, undefined) };
}

/** What every service of the stack stands on. */
type Ground = {
  environment: Environment;
  env: ChatEnvironment;
  file: FileConfig;
  place: StorePlace;
  resources: DisposalStack;
  metrics: Metrics;
  /** What all services keep to use again; undefined where the file says that nothing is. */
  cache: Cache | undefined;
  /** Ranks tools by meaning, and serves /v1/embeddings. */
  embedder: Embedder | undefined;
  tracing: Tracing;
  observe: Observer;
  /** How early calls travel. */
  calls: Awaited<ReturnType<typeof openCallBus>>;
  logger(service: string): Logger;
};

async function useEmbedder(
  environment: Environment,
  file: FileConfig,
  signals: Signals,
  resources: DisposalStack,
): Promise<Embedder | undefined> {
  const embedder = await openEmbedder(readEmbeddings(environment, file), signals);
  return embedder && resources.use(embedder);
}

async function openGround(environment: Environment, resources: DisposalStack): Promise<Ground> {
  const env = readChatEnvironment(environment);
  const file = readConfigFile(env.CONFIG);
  const metrics = resources.use(createMetrics("forerun"));
  const tracing = resources.use(
    await openTracing(process.env, createLogger({ service: "forerun", level: env.LOG_LEVEL })),
  );
  const embedding = { meter: metrics.meter, tracer: tracing.tracerOf("router") };
  const { meter } = metrics;
  const signalsOf = (system: string, service: string) =>
    busSignals({ system, tracer: tracing.tracerOf(service), meter });
  const log = createLogger({ service: "forerun", level: env.LOG_LEVEL });
  return {
    environment,
    env,
    file,
    place: storePlace(env),
    resources,
    metrics,
    cache: file.cache.enabled ? resources.use(openCacheOf(env, metrics.meter)) : undefined,
    embedder: await useEmbedder(environment, file, embedding, resources),
    tracing,
    observe: rpcMetrics(metrics.meter),
    calls: await openCallBus({ environment, log, meter, signalsOf }, resources),
    logger: (service) => createLogger({ service, level: env.LOG_LEVEL }),
  };
}

function openCacheOf(env: ChatEnvironment, meter: Meter): Cache & AsyncDisposable {
  const { REDIS_URL: redisUrl, FORERUN_ENV: deployment } = env;
  const log = createLogger({ service: "forerun", level: env.LOG_LEVEL });
  return openProcessCache({ redisUrl, deployment, meter, log });
}

/** What models of a tier said a moment ago. */
function repliesOf({ cache, file }: Ground, tier: "route" | "answer"): ReplyMemory | undefined {
  return openReplyMemory(cache, tier, file.cache.model_ttl);
}

/** A client of a service in this process, whose logs and spans are under `name`; `app` is closed with the stack. */
function serve<Desc extends DescService>(
  ground: Ground,
  service: Desc,
  app: App,
  name: string,
): Client<Desc> {
  const { bindings } = ground.resources.use(app);
  const { observe, env, tracing } = ground;
  const signals = { log: ground.logger(name), observe, tracer: rpcTracer(tracing.tracerOf(name)) };
  const options = { messages: "share", maxMessageBytes: env.MAX_MESSAGE_BYTES, ...signals } as const;
  return createMeshClient(service, createLocalTransport(bindings, options));
}

async function composeMemory(ground: Ground): Promise<Stack["memory"]> {
  const log = ground.logger("memory");
  return serve(
    ground,
    MemoryService,
    createMemory({ db: await openMemoryStore(ground.place, log) }),
    "memory",
  );
}

/** Opens the embedded store where there is no Postgres: turns and calls share it. */
async function openStore({ place, resources, logger }: Ground): Promise<StorePlace> {
  if (place.databaseUrl !== undefined) return place;
  const { settings = {} } = CHAT_SCHEMA;
  const at = { dataDir: place.dataDir, folder: "chat" as const };
  return { ...place, embedded: resources.use(await openEmbedded(at, { settings, log: logger("chat") })) };
}

async function composeTools(
  ground: Ground,
  memory: Stack["memory"],
  place?: StorePlace,
): Promise<Stack["tools"]> {
  const log = ground.logger("tool-executor");
  const config = toolExecutorConfig(ground.environment, ground.file);
  const record = place && (await openInvocations(place, log));
  const { cache, calls } = ground;
  return serve(
    ground,
    ToolService,
    await createToolExecutor(config, { memory, cache, calls: calls.taking, record, log }),
    "tool-executor",
  );
}

async function composeRouter(ground: Ground, tools: Stack["tools"], patienceMs?: number) {
  const { environment, file } = ground;
  const log = ground.logger("router");
  const settings = readRouteModels(environment, file);
  const modelFor = connectModels(ground, "route", settings);
  const escalateFor = connectModels(ground, "escalate", readEscalateModels(environment, file));
  const app = await createRouter(routerConfig(environment, file), {
    meter: ground.metrics.meter,
    tracer: ground.tracing.tracerOf("router"),
    replies: repliesOf(ground, "route"),
    cache: ground.cache,
    tools,
    log,
    modelFor,
    escalateFor,
    embedder: ground.embedder,
    patienceMs,
  });
  return { router: serve(ground, RouterService, app, "router"), model: settings.common[0]?.model ?? null };
}

function composeAnswer(ground: Ground): { answer: Client<typeof AnswerService>; model: string | null } {
  const settings = readAnswerModels(ground.environment, ground.file);
  const modelFor = connectModels(ground, "answer", settings);
  const app = createAnswer({
    modelFor,
    replies: repliesOf(ground, "answer"),
    renderedTools: readRenderedTools(ground.file),
  });
  const answer = serve(ground, AnswerService, app, "answer");
  return { answer, model: settings.common[0]?.model ?? null };
}

async function composeChat(ground: Ground, clients: ServiceClients, options: StackOptions) {
  const log = ground.logger("chat");
  const { common, tenants } = readAnswerModels(ground.environment, ground.file);
  const { env, resources } = ground;
  const { meter } = ground.metrics;
  const config = chatConfig(env, ground.file);
  const modelConnected = common.length > 0 || tenants.size > 0;
  const store = await (options.openStore ?? openChatStore)(ground.place, log, {
    bounds: logBounds(ground.file),
    onGap: gapMetric(meter),
  });
  const quotas = await openQuotas({
    // Without a model nothing is used that a quota counts.
    policy: modelConnected ? config.quotas : undefined,
    usage: store.usage,
    redisUrl: env.REDIS_URL,
    deployment: env.FORERUN_ENV,
    meter,
    log,
  });
  if (quotas) resources.use(quotas);
  const app = createChat(config, {
    store,
    quotas,
    clients,
    calls: ground.calls.making,
    bus: ground.calls.kind,
    tracer: ground.tracing.tracerOf("chat"),
    observer: turnObserver(ground, log, options),
    observe: ground.observe,
    drainBegins: ground.metrics.drainBegins,
    modelConnected,
    embedder: ground.embedder,
    verify: options.verify,
    web: createWebHandler({ traceUrl: ground.env.TRACE_URL }),
    log,
  });
  return { app, chat: serve(ground, ChatService, app, "chat") };
}

function connectModels(ground: Ground, tier: ModelTier, settings: TierSettings): ModelFor {
  const { resources, metrics } = ground;
  const tracer = ground.tracing.tracerOf(tier === "answer" ? "answer" : "router");
  return resources.use(openTier(tier, settings, { meter: metrics.meter, tracer })).modelFor;
}

function turnObserver({ env, metrics }: Ground, log: Logger, { turnEnded }: StackOptions): TurnObserver {
  const lines = turnLines(log, createPseudonym(env.LOG_USER_IDS, env.FORERUN_KEY));
  const told: TurnObserver = { started() {}, ended: (turn) => turn && turnEnded?.(turn.turnId) };
  return allOf(turnMetrics(metrics.meter), lines, told);
}

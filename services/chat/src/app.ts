import type { RequestListener } from "node:http";
import { openVerifier } from "@forerun/auth/open-verifier";
import type { TokenVerifier } from "@forerun/auth/token-verifier";
import { CallInbox } from "@forerun/bus/call-inbox";
import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { Health } from "@forerun/contracts/grpc/health/v1/health_pb";
import { storePlace } from "@forerun/db/store-place";
import type { Embedder } from "@forerun/embeddings/embedder";
import { openEmbedder } from "@forerun/embeddings/open-embedder";
import { readEmbeddings } from "@forerun/embeddings/settings";
import { type Host, hostAndPort, openHost } from "@forerun/host/open-host";
import { rpcMetrics } from "@forerun/host/rpc-metrics";
import { rpcTracer } from "@forerun/host/rpc-tracer";
import { type App, bind } from "@forerun/rpc/binding";
import { createMeshClient } from "@forerun/rpc/client";
import { edgeHandler } from "@forerun/rpc/edge";
import { createLocalTransport } from "@forerun/rpc/local";
import type { Observer } from "@forerun/rpc/observe";
import type { ServerOptions } from "@forerun/rpc/server-options";
import type { Environment } from "@forerun/runtime/config";
import { DisposalStack } from "@forerun/runtime/disposal";
import { FairPlaces } from "@forerun/runtime/fair-places";
import type { Logger } from "@forerun/runtime/logger";
import { requireLoopbackWithoutAuth } from "@forerun/runtime/loopback";
import { createPseudonym } from "@forerun/runtime/pseudonym";
import { serveMetrics } from "@forerun/telemetry/metrics";
import type { Tracer } from "@forerun/telemetry/tracing";
import { UntrustedSchemas } from "@forerun/toolkit/untrusted-schema";
import type { CallBus } from "./bus-calls-wire.ts";
import { createCollaborators, type ServiceClients } from "./clients.ts";
import {
  type ChatConfig,
  type ChatEnvironment,
  chatConfig,
  logBounds,
  readChatEnvironment,
} from "./config.ts";
import { Departure } from "./departure.ts";
import { forward } from "./forward-wire.ts";
import { createHttpFront, type Mounted } from "./http/front.ts";
import { type PublicCallers, publicCallers } from "./http/public-callers.ts";
import { busFeed } from "./live-feed-wire.ts";
import { openLanes } from "./open-lanes-wire.ts";
import { busOwners, type OwnerBus, serveOwner } from "./owner-requests-wire.ts";
import { healthProbe } from "./probes-wire.ts";
import { type PublicServers, servePublic } from "./public-servers.ts";
import { openQuotas, type Quotas } from "./quota/open-quotas.ts";
import { stopper } from "./rpc/stop-turn.ts";
import { chatService } from "./service.ts";
import { Expectations } from "./speculation/expectations.ts";
import { askParts, type Probe, type Status } from "./status.ts";
import { type ChatStore, openChatStore } from "./store/open-store.ts";
import { laneAmong, requiringLane, type ToolLane } from "./tool-lanes-wire.ts";
import { gapMetric, turnMetrics } from "./turn-metrics.ts";
import { allOf, turnLines } from "./turn-observers.ts";
import { type TurnObserver, Turns } from "./turns.ts";

export type ChatDeps = {
  /** Undefined where nobody has a quota. Its giver's to dispose of, after the service. */
  quotas?: Quotas | undefined;
  /** Closed with the service. */
  store: ChatStore;
  clients: ServiceClients;
  /** Takes the early calls of tools; without one they are calls like the others. */
  calls?: CallBus | undefined;
  /** Executors besides those of `clients` and `calls`, by the lane whose callers they serve. */
  lanes?: ReadonlyMap<string, ToolLane>;
  /** The way to the other replicas; without one each learns from the store, a little later. */
  replicas?: OwnerBus | undefined;
  tracer: Tracer;
  observer: TurnObserver;
  observe: Observer;
  /** Told once, when no new turns are taken any more. */
  drainBegins?: () => void;
  /** False where it is known that no model answers: what takes one is then refused before a turn begins. */
  modelConnected: boolean;
  /** Makes the vectors of /v1/embeddings; without one they are refused. Its giver's to dispose of. */
  embedder?: Embedder | undefined;
  /** How calls and live events travel. */
  bus: Status["bus"];
  /** What it needs besides its store, where that is elsewhere. */
  probes?: readonly Probe[];
  /** Verifies the tokens of people; without it each of them is the local caller. */
  verify?: TokenVerifier | undefined;
  /** Serves the web client. */
  web: Mounted;
  log: Logger;
};

/**
 * Chat composed: `front` is everything it serves over HTTP, `callers` and `signals` what its other door needs. `leave` comes
 * before `drain`: from then on it is not ready, and sends away those whom it need not keep.
 */
export type ChatApp = App & {
  front: RequestListener;
  callers: PublicCallers;
  signals: Pick<ServerOptions, "observe" | "tracer">;
  leave(): void;
  drain(): Promise<void>;
};

/** Longest wait for running turns when the service drains, in milliseconds; cancelled ones have 5 s more to write their ends. */
const GRACE_MS = 20_000;

/** Levels of nesting that a JSON body may have. */
const JSON_DEPTH = 64;

export function createChat(config: ChatConfig, deps: ChatDeps): ChatApp {
  const { store, log } = deps;
  const own = { tools: deps.clients.tools, bus: deps.calls };
  const laneFor = laneAmong(new Map([...(deps.lanes ?? []), [config.lane, own]]));
  const turns = new Turns({
    turnLog: store.turnLog,
    collaborators: createCollaborators(deps.clients, deps.calls, laneFor),
    tracer: deps.tracer,
    speculation: config.speculation,
    expectations: new Expectations(),
    observer: deps.observer,
    places: new FairPlaces(config.places),
    quotas: deps.quotas,
    beginnings: new FairPlaces(config.beginnings),
    now: () => new Date(),
    log,
  });
  const { turnLog, conversations } = store;
  const { modelConnected, replicas } = deps;
  const stopTurn = stopper({ turns, turnLog, owners: replicas && busOwners(replicas) });
  const leaving = new AbortController();
  if (replicas) serveOwner(replicas, { replica: store.owner, turns, log }, leaving.signal);
  const schemas = new UntrustedSchemas();
  const { limits } = config;
  const departure = new Departure();
  const { quotas } = deps;
  const { usage } = store;
  const service = {
    quotas,
    usage,
    turns,
    turnLog,
    stopTurn,
    departure,
    conversations,
    limits,
    schemas,
    modelConnected,
  };
  const chat = requiringLane(bind(ChatService, chatService(service)), laneFor);
  const bindings = [
    chat,
    forward(ToolService, (caller) => laneFor(caller).tools, ["watchTools"]),
    forward(MemoryService, () => deps.clients.memory),
  ];
  const { maxMessageBytes } = config;
  const signals = { observe: deps.observe, tracer: rpcTracer(deps.tracer) };
  const server = { log, maxMessageBytes, ...signals };
  const callers = publicCallers(deps.verify);
  const { authenticate } = callers;
  const drain = departure.announced;
  const front = createHttpFront({
    chat: createMeshClient(
      ChatService,
      createLocalTransport([chat], { ...server, messages: "share", door: "people" }),
    ),
    authenticate,
    edge: edgeHandler(bindings, { ...server, authenticate, drain, jsonDepth: JSON_DEPTH }),
    web: deps.web,
    embedder: deps.embedder,
    models: () => ["forerun", ...config.models].map((id) => ({ id })),
    isFull: ({ tenant }) => turns.isFull(tenant),
    ready: () => !drain.aborted,
    status: async () => ({
      ready: !drain.aborted,
      turns: turns.running,
      bus: deps.bus,
      parts: await askParts([
        { part: "store", serves: () => store.ping().then(() => true) },
        ...(deps.probes ?? []),
      ]),
    }),
    limits: { bodyBytes: maxMessageBytes, jsonDepth: JSON_DEPTH },
    allowedHosts: callers.allowedHosts,
    log,
  });
  return {
    bindings,
    front,
    callers,
    signals,
    leave() {
      deps.drainBegins?.();
      departure.announce();
    },
    async drain() {
      await turns.drain(GRACE_MS);
      departure.end();
    },
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await turns[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

function probesOf(host: Host, env: ChatEnvironment): Probe[] {
  const { ROUTER_ADDR, TOOL_EXECUTOR_ADDR, ANSWER_ADDR, MEMORY_ADDR } = env;
  const places = {
    router: ROUTER_ADDR,
    "tool-executor": TOOL_EXECUTOR_ADDR,
    answer: ANSWER_ADDR,
    memory: MEMORY_ADDR,
  };
  return Object.entries(places).map(([part, address]) =>
    healthProbe(part, host.connect(Health, address ?? "")),
  );
}

export type RunningChat = PublicServers & { metrics: string };

/** The service as a process of its own. Throws ForerunError when configuration, ports or store do not allow it. */
export async function start(environment: Environment, web: Mounted): Promise<RunningChat> {
  const env = readChatEnvironment(environment);
  requireLoopbackWithoutAuth(env.HOST, env.AUTH);
  const stack = new DisposalStack();
  const host = stack.use(await openHost("chat", environment));
  const bus = await host.openBus();
  const store = await openChatStore(storePlace(env), host.log, {
    leaseMs: host.file.replicas.lease,
    feed: bus && busFeed(bus),
    bounds: logBounds(host.file),
    onGap: gapMetric(host.metrics.meter),
  });
  const clients: ServiceClients = {
    router: host.connect(RouterService, env.ROUTER_ADDR ?? ""),
    tools: host.connect(ToolService, env.TOOL_EXECUTOR_ADDR ?? ""),
    answer: host.connect(AnswerService, env.ANSWER_ADDR ?? ""),
    memory: host.connect(MemoryService, env.MEMORY_ADDR ?? ""),
  };
  const embedder = await openEmbedder(readEmbeddings(environment, host.file), {
    meter: host.metrics.meter,
    tracer: host.tracer,
  });
  if (embedder) stack.use(embedder);
  const { meter } = host.metrics;
  const config = chatConfig(env, host.file);
  const quotas = await openQuotas({
    policy: config.quotas,
    usage: store.usage,
    redisUrl: env.REDIS_URL,
    deployment: env.FORERUN_ENV,
    meter,
    log: host.log,
  });
  if (quotas) stack.use(quotas);
  const app = stack.use(
    createChat(config, {
      quotas,
      store,
      clients,
      calls: bus && { ...bus, inbox: stack.use(await CallInbox.open(bus.bus, bus.subjects, bus.observe)) },
      lanes: await openLanes(host, environment, stack),
      replicas: bus,
      bus: bus?.kind ?? "in-process",
      probes: probesOf(host, env),
      tracer: host.tracer,
      observer: allOf(
        turnMetrics(meter),
        turnLines(host.log, createPseudonym(env.LOG_USER_IDS, env.FORERUN_KEY)),
      ),
      observe: rpcMetrics(meter),
      drainBegins: host.metrics.drainBegins,
      modelConnected: true,
      embedder,
      verify: await openVerifier(environment, host.log),
      web,
      log: host.log,
    }),
  );
  const metricsAt = hostAndPort(env.METRICS_ADDR);
  const metrics = stack.use(await serveMetrics(host.metrics, metricsAt.host, metricsAt.port));
  const servers = stack.use(
    await servePublic(app, {
      host: env.HOST,
      port: env.PORT,
      grpcPort: env.GRPC_PORT,
      log: host.log,
      maxMessageBytes: env.MAX_MESSAGE_BYTES,
      maxConnectionAgeMs: env.MAX_CONNECTION_AGE,
    }),
  );
  return { ...servers, metrics: metrics.url, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

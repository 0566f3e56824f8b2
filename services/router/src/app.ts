import type { Client } from "@connectrpc/connect";
import type { Cache } from "@forerun/cache/cache";
import { RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { Embedder } from "@forerun/embeddings/embedder";
import { keepEmbeddings } from "@forerun/embeddings/kept-embeddings";
import { openEmbedder } from "@forerun/embeddings/open-embedder";
import { readEmbeddings } from "@forerun/embeddings/settings";
import { openHost, type Running } from "@forerun/host/open-host";
import { openReplyMemory, type ReplyMemory } from "@forerun/llm/reply-memory";
import { type ModelFor, openTier } from "@forerun/llm/tier-models";
import { type App, bind } from "@forerun/rpc/binding";
import type { Environment } from "@forerun/runtime/config";
import type { Logger } from "@forerun/runtime/logger";
import { passThroughTracer, type Tracer } from "@forerun/telemetry/tracing";
import { createNoopMeter, type Meter } from "@opentelemetry/api";
import { openCalibration } from "./calibration/open-calibration.ts";
import { watchTools } from "./clients.ts";
import { type RouterConfig, readEscalateModels, readRouteModels, routerConfig } from "./config.ts";
import { routerHandlers } from "./service.ts";
import { createPrior } from "./tier0/decision/prior.ts";
import { Tier0 } from "./tier0/tier0.ts";
import { ToolCatalog } from "./tool-catalog.ts";

export type RouterDeps = Readonly<{
  tools: Client<typeof ToolService>;
  log: Logger;
  /** The small model. Where there is neither for a call, tier 0 decides alone. */
  modelFor?: ModelFor | undefined;
  /** The larger one, which decides where the small one hands over to it, or where there is no small one. */
  escalateFor?: ModelFor | undefined;
  /** What the models decided a moment ago; without it they are asked anew each time. */
  replies?: ReplyMemory | undefined;
  /** Keeps what questions mean, for each tenant its own. Stays its giver's to dispose of. */
  cache?: Cache | undefined;
  /** Counts decisions that needed no model. */
  meter?: Meter | undefined;
  tracer?: Tracer | undefined;
  /** Ranks tools by meaning too. Stays its giver's to dispose of. */
  embedder?: Embedder | undefined;
  /**
   * Waits so long, in milliseconds, for what is read behind a decision without a model: what tools' examples teach, what tools and
   * questions mean. A service waits moments and decides by what it has; who measures decisions waits for all.
   */
  patienceMs?: number | undefined;
}>;

/** Composes the service: tier 0, the tools it follows, and the models where there are any. */
export async function createRouter(config: RouterConfig, deps: RouterDeps): Promise<App> {
  const {
    modelFor,
    escalateFor,
    replies,
    embedder,
    cache,
    patienceMs,
    log,
    meter = createNoopMeter(),
    tracer = passThroughTracer,
  } = deps;
  const { prior, lone } = openCalibration(config.calibrationFile, createPrior(), {
    log,
    meter,
    random: Math.random,
    embedder: embedder?.id,
  });
  const tier0 = new Tier0(prior, embedder && { embedder, failed: failureLine(deps.log) });
  const catalog = new ToolCatalog({
    watch: (signal) => watchTools(deps.tools, signal),
    tier0,
    log: deps.log,
    patienceMs,
  });
  const handlers = routerHandlers(config, catalog, {
    tier0,
    lone,
    modelFor,
    escalateFor,
    replies,
    patienceMs,
    tracer,
    embedderFor: embedder && cache && keepEmbeddings(embedder, cache),
  });
  return {
    bindings: [bind(RouterService, handlers)],
    [Symbol.asyncDispose]: () => catalog[Symbol.asyncDispose](),
  };
}

function failureLine(log: Logger): (fault: unknown) => void {
  return (err) => log.warn({ err }, "no embedding: tools are ranked by words alone");
}

/** The service as a process of its own. Throws ForerunError when its configuration does not allow it. */
export async function start(environment: Environment): Promise<Running> {
  const host = await openHost("router", environment);
  const config = routerConfig(environment, host.file);
  const tools = host.connect(ToolService, config.toolExecutorAddress ?? "");
  const signals = { meter: host.metrics.meter, tracer: host.tracer };
  const small = openTier("route", readRouteModels(environment, host.file), signals);
  const large = openTier("escalate", readEscalateModels(environment, host.file), signals);
  const embedder = await openEmbedder(readEmbeddings(environment, host.file), signals);
  const cache = host.openCache();
  const router = await createRouter(config, {
    tools,
    log: host.log,
    modelFor: small.modelFor,
    escalateFor: large.modelFor,
    replies: openReplyMemory(cache, "route", host.file.cache.model_ttl),
    cache,
    ...signals,
    embedder,
  });
  return host.serve({
    ...router,
    async [Symbol.asyncDispose]() {
      await router[Symbol.asyncDispose]();
      await small[Symbol.asyncDispose]();
      await large[Symbol.asyncDispose]();
      await embedder?.[Symbol.asyncDispose]();
    },
  });
}

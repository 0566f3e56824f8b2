import type { ServiceImpl } from "@connectrpc/connect";
import type { RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import type { EmbedderFor } from "@forerun/embeddings/kept-embeddings";
import { boundedModel, type TokenBounds } from "@forerun/llm/bounded-model";
import type { Model } from "@forerun/llm/model";
import type { ReplyMemory } from "@forerun/llm/reply-memory";
import type { ModelFor } from "@forerun/llm/tier-models";
import { admit, callPlaces } from "@forerun/rpc/admit";
import { callerOf, traceOf } from "@forerun/rpc/call-context";
import { SPANS } from "@forerun/telemetry/names";
import type { Span, Tracer } from "@forerun/telemetry/tracing";
import type { RouterConfig } from "./config.ts";
import { type RouteDeps, routeTurn } from "./route-turn.ts";
import { questionFromWire, stepToWire } from "./route-wire.ts";
import type { ToolCatalog } from "./tool-catalog.ts";

export function routerHandlers(
  config: RouterConfig,
  catalog: ToolCatalog,
  deps: Pick<RouteDeps, "tier0" | "lone" | "patienceMs"> & {
    modelFor: ModelFor | undefined;
    escalateFor: ModelFor | undefined;
    replies: ReplyMemory | undefined;
    embedderFor: EmbedderFor | undefined;
    tracer: Tracer;
  },
): ServiceImpl<typeof RouterService> {
  const places = callPlaces();
  return {
    async *route(request, ctx) {
      using _place = await admit(places, ctx);
      const caller = callerOf(ctx);
      const call = { tenant: caller.tenant, traceparent: traceOf(ctx), timeLeftMs: ctx.timeoutMs() };
      const models = {
        route: within(deps.modelFor?.(call), request),
        escalate: within(deps.escalateFor?.(call), request),
        replies: deps.replies?.slotsOf(caller),
      };
      const question = questionFromWire(request, config);
      const snapshot = await catalog.current(ctx.signal);
      const { tier0, lone, patienceMs, tracer } = deps;
      const embedder = deps.embedderFor?.(caller, call.traceparent);
      const drafting = () => asDisposable(tracer.start(SPANS.draft, call.traceparent));
      for await (const step of routeTurn(
        question,
        snapshot,
        { tier0, lone, patienceMs, models, embedder, drafting },
        ctx.signal,
      )) {
        yield stepToWire(step, snapshot.facts);
      }
    },
  };
}

function within(model: Model | undefined, bounds: TokenBounds): Model | undefined {
  return model && boundedModel(model, bounds);
}

function asDisposable(span: Span): Disposable {
  return { [Symbol.dispose]: () => span.end() };
}

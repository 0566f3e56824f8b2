import { DisposalStack } from "@forerun/runtime/disposal";
import { guard } from "@forerun/runtime/guard";
import { Endpoint } from "./endpoint.ts";
import { createModel, type Model, type ModelOptions } from "./model.ts";
import { ModelObserver, type Signals } from "./model-observer.ts";
import type { ModelTier, TierSettings } from "./model-settings.ts";
import { type ModelCall, tierModel } from "./tier-model.ts";

/** The model that serves a call; undefined where none is connected for its tenant. */
export type ModelFor = (call: ModelCall) => Model | undefined;

/** A tier's models. Disposing of them closes their idle connections. */
export type TierModels = AsyncDisposable & Readonly<{ modelFor: ModelFor }>;

/**
 * Opens the models of one tier. What `modelFor` gives answers by the first endpoint of the tenant's list that does not fail
 * before its first token, repeats what is worth repeating, and shows in metrics and spans.
 */
export function openTier(tier: ModelTier, settings: TierSettings, signals: Signals): TierModels {
  const opened = new DisposalStack();
  const observer = new ModelObserver(tier, signals);
  const connect = (list: readonly ModelOptions[]) =>
    list.map((options) => new Endpoint(opened.use(createModel(options))));
  const common = connect(settings.common);
  const tenants = new Map([...settings.tenants].map(([tenant, list]) => [tenant, connect(list)]));
  return {
    modelFor(call) {
      const endpoints = tenants.get(guard("llm.endpoints.tenant", call.tenant, "")) ?? common;
      return endpoints.length === 0 ? undefined : tierModel(endpoints, observer, call);
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

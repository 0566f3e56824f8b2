import type { Client } from "@connectrpc/connect";
import { RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { openHost, type Running } from "@forerun/host/open-host";
import { measureModel } from "@forerun/llm/measure-model";
import { createModel, type Model } from "@forerun/llm/model";
import { type App, bind } from "@forerun/rpc/binding";
import type { Environment } from "@forerun/runtime/config";
import type { Logger } from "@forerun/runtime/logger";
import { watchTools } from "./clients.ts";
import { type RouterConfig, readRouteModel, routerConfig } from "./config.ts";
import { routerHandlers } from "./service.ts";
import { createPrior } from "./tier0/decision/prior.ts";
import { Tier0 } from "./tier0/tier0.ts";
import { ToolCatalog } from "./tool-catalog.ts";

export type RouterDeps = Readonly<{
  tools: Client<typeof ToolService>;
  log: Logger;
  /** Without one tier 0 decides alone. Stays its giver's to dispose of. */
  model?: Model | undefined;
}>;

/** Composes the service: tier 0, the tools it follows, and the model where there is one. */
export async function createRouter(config: RouterConfig, deps: RouterDeps): Promise<App> {
  const tier0 = new Tier0(createPrior());
  const catalog = new ToolCatalog({
    watch: (signal) => watchTools(deps.tools, signal),
    tier0,
    log: deps.log,
  });
  return {
    bindings: [bind(RouterService, routerHandlers(config, catalog, { tier0, model: deps.model }))],
    [Symbol.asyncDispose]: () => catalog[Symbol.asyncDispose](),
  };
}

/** The service as a process of its own. Throws ForerunError when its configuration does not allow it. */
export async function start(environment: Environment): Promise<Running> {
  const host = await openHost("router", environment);
  const config = routerConfig(environment, host.file);
  const tools = host.connect(ToolService, config.toolExecutorAddress ?? "");
  const options = readRouteModel(environment, host.file);
  if (options === undefined) return host.serve(await createRouter(config, { tools, log: host.log }));
  const connection = createModel(options);
  const model = measureModel(connection, "route", host.metrics.meter);
  const router = await createRouter(config, { tools, log: host.log, model });
  return host.serve({
    ...router,
    async [Symbol.asyncDispose]() {
      await router[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  });
}

import type { Client } from "@connectrpc/connect";
import type { Cache } from "@forerun/cache/cache";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { openHost, type Running } from "@forerun/host/open-host";
import { type App, bind } from "@forerun/rpc/binding";
import type { Environment } from "@forerun/runtime/config";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Logger } from "@forerun/runtime/logger";
import { traceIdOf } from "@forerun/telemetry/tracing";
import { createBuiltInTools } from "./built-in-tools.ts";
import { type CallBus, takeBusCalls } from "./bus-calls-wire.ts";
import { knowledgeSearch } from "./clients.ts";
import { memoryAddress, recordPlace, type ToolExecutorConfig, toolExecutorConfig } from "./config.ts";
import { Executor } from "./executor.ts";
import type { Invocations } from "./invocations/invocation.ts";
import { openInvocations } from "./invocations/open-invocations.ts";
import { createRegistrar } from "./registered-tool.ts";
import { SchemaCompiler } from "./schema-compiler.ts";
import { toolService } from "./service.ts";
import { ModuleLoader } from "./sources/module-loader.ts";
import { loadPackageTools } from "./sources/package-tools.ts";
import { ToolFolder } from "./sources/tool-folder.ts";
import type { FinishedCall } from "./tool-call.ts";
import { toolFilter } from "./tool-filter.ts";
import { ToolRegistry } from "./tool-registry.ts";

export type ToolExecutorDeps = Readonly<{
  memory: Client<typeof MemoryService>;
  /** Without one no result is used again. Stays its giver's to dispose of. */
  cache?: Cache | undefined;
  /** Where calls may come from besides RPC. */
  calls?: CallBus | undefined;
  /** Notes the calls of tools that change something; without one they are refused. Closed with the service. */
  record?: (Invocations & AsyncDisposable) | undefined;
  log: Logger;
}>;

/** Longest wait for calls under way when the service drains, in milliseconds. */
const GRACE_MS = 25_000;
/** Longest wait for the ends of calls to be noted when the service stops. */
const LAST_NOTES_MS = 3_000;

/** Composes the service: tools from every source behind one executor. Resolves when all that is there has been loaded. */
export async function createToolExecutor(config: ToolExecutorConfig, deps: ToolExecutorDeps): Promise<App> {
  const stack = new DisposalStack();
  const { log, cache, record } = deps;
  if (record) stack.use(record);
  const now = () => performance.now();
  const registry = new ToolRegistry({ enabled: toolFilter(config.enabled), now });
  const executor = new Executor({ registry, cache, record, log, now, observe: (call) => logCall(log, call) });
  if (config.on) await loadTools(config, deps, registry, stack);
  stack.defer(() => {
    executor.cancelAll();
    return executor.writesEnded(LAST_NOTES_MS);
  });
  const taken =
    deps.calls && stack.use(await takeBusCalls({ ...deps.calls, executor, lane: config.lane, log }));
  return {
    bindings: [bind(ToolService, toolService(registry, executor, config.lane))],
    async drain() {
      await Promise.all([taken?.drain(GRACE_MS), executor.writesEnded(GRACE_MS)]);
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function loadTools(
  config: ToolExecutorConfig,
  { memory, log }: ToolExecutorDeps,
  registry: ToolRegistry,
  stack: DisposalStack,
): Promise<void> {
  const registrar = createRegistrar(new SchemaCompiler(), config);
  const search = knowledgeSearch(memory);
  const builtIn = stack.use(createBuiltInTools({ ...config, search, now: () => new Date() }));
  const origin = { source: "built-in", revision: "" };
  registry.put(
    "built-in",
    "built-in",
    builtIn.tools.map((tool) => registrar(tool, origin)),
  );
  const sources = { registry, registrar, loader: stack.use(new ModuleLoader()), log };
  const folder = stack.use(new ToolFolder(config.toolsDir, sources));
  await Promise.all([loadPackageTools(config.projectDir, sources), folder.start()]);
  warnOfStraySettings(config, registry, log);
  builtIn.warm();
}

/** A misspelt name in forerun.yaml would change nothing, silently. It is no error: the tool may come later. */
function warnOfStraySettings(config: ToolExecutorConfig, registry: ToolRegistry, log: Logger): void {
  for (const name of config.overrides.keys()) {
    const lookup = registry.find(name, "");
    if (lookup.kind === "unknown")
      log.warn({ tool: name, nearest: lookup.nearest }, "settings for a tool that is not there");
  }
}

/** Runs the service as its own process. */
export async function start(environment: Environment): Promise<Running> {
  const host = await openHost("tool-executor", environment);
  const config = toolExecutorConfig(environment, host.file);
  const calls = await host.openBus();
  const memory = host.connect(MemoryService, memoryAddress(environment));
  const place = recordPlace(environment);
  const record = place && (await openInvocations(place, host.log));
  if (!record) host.log.warn({}, "without DATABASE_URL, tools that change something are refused");
  return host.serve(
    await createToolExecutor(config, { memory, cache: host.openCache(), calls, record, log: host.log }),
  );
}

/** One line a call: what ran, how long, how it ended; never what it was given or gave. */
function logCall(log: Logger, call: FinishedCall): void {
  const { tool, callId, turnId, early, outcome, reused, durationMs } = call;
  const ids = { call_id: callId, turn_id: turnId, trace_id: traceIdOf(call.trace) || undefined };
  log.info({ tool, ...ids, early, outcome, reused, ms: durationMs }, "tool call");
}

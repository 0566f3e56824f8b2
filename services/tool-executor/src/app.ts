import type { Client } from "@connectrpc/connect";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { openHost, type Running } from "@forerun/host/open-host";
import { type App, bind } from "@forerun/rpc/binding";
import type { Environment } from "@forerun/runtime/config";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Logger } from "@forerun/runtime/logger";
import { ExpressionEvaluator } from "./calculator/expression-evaluator.ts";
import { type ToolExecutorConfig, toolExecutorConfig } from "./config.ts";
import { Executor } from "./executor.ts";
import { createRegistrar } from "./registered-tool.ts";
import { SchemaCompiler } from "./schema-compiler.ts";
import { toolService } from "./service.ts";
import type { FinishedCall } from "./tool-call.ts";
import { toolFilter } from "./tool-filter.ts";
import { ToolRegistry } from "./tool-registry.ts";
import { calculator } from "./tools/calculator.ts";

export type ToolExecutorDeps = Readonly<{ memory: Client<typeof MemoryService>; log: Logger }>;

/** Composes the service: tools from every source behind one executor. */
export async function createToolExecutor(config: ToolExecutorConfig, deps: ToolExecutorDeps): Promise<App> {
  const stack = new DisposalStack();
  const now = () => performance.now();
  const registry = new ToolRegistry({ enabled: toolFilter(config.on ? config.enabled : []), now });
  const executor = new Executor({ registry, log: deps.log, now, observe: (call) => logCall(deps.log, call) });
  const registrar = createRegistrar(new SchemaCompiler(), config);
  const evaluator = stack.use(new ExpressionEvaluator());
  const tools = [calculator(evaluator)];
  registry.put(
    "built-in",
    "built-in",
    tools.map((tool) => registrar(tool, { source: "built-in", revision: "" })),
  );
  stack.defer(() => executor.cancelAll());
  return {
    bindings: [bind(ToolService, toolService(registry, executor))],
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** Runs the service as its own process. */
export async function start(environment: Environment): Promise<Running> {
  const host = await openHost("tool-executor", environment);
  const config = toolExecutorConfig(environment, host.file);
  const memory = host.connect(MemoryService, environment.MEMORY_ADDR ?? "");
  return host.serve(await createToolExecutor(config, { memory, log: host.log }));
}

/** One line a call: what ran, how long, how it ended; never what it was given or gave. */
function logCall(log: Logger, call: FinishedCall): void {
  log.info(
    {
      tool: call.tool,
      call_id: call.callId,
      turn_id: call.turnId,
      early: call.early,
      outcome: call.outcome,
      ms: call.durationMs,
    },
    "tool call",
  );
}

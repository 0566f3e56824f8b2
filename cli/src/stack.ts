/** All five services in one process: the only file that composes them. Each call between them is direct, with a network's rules. */
import type { DescService } from "@bufbuild/protobuf";
import type { CallOptions, Client } from "@connectrpc/connect";
import { createAnswer } from "@forerun/answer/app";
import { readAnswerModel } from "@forerun/answer/config";
import { type ChatApp, createChat } from "@forerun/chat/app";
import { chatConfig, readChatEnvironment } from "@forerun/chat/config";
import { openChatStore } from "@forerun/chat/store/open-store";
import { turnMetrics } from "@forerun/chat/turn-metrics";
import type { TurnObserver } from "@forerun/chat/turns";
import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { rpcMetrics } from "@forerun/host/rpc-metrics";
import { measureModel } from "@forerun/llm/measure-model";
import { createModel, type Model, type ModelOptions } from "@forerun/llm/model";
import type { ModelTier } from "@forerun/llm/model-settings";
import { createMemory } from "@forerun/memory/app";
import { openMemoryStore } from "@forerun/memory/store/open-store";
import { createRouter } from "@forerun/router/app";
import { readRouteModel, routerConfig } from "@forerun/router/config";
import type { App } from "@forerun/rpc/binding";
import { valuesOf } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { createLocalTransport } from "@forerun/rpc/local";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import type { Environment } from "@forerun/runtime/config";
import { readConfigFile } from "@forerun/runtime/config-file";
import { DisposalStack } from "@forerun/runtime/disposal";
import { createLogger, type Logger } from "@forerun/runtime/logger";
import { createMetrics, type Metrics } from "@forerun/telemetry/metrics";
import { createTracer } from "@forerun/telemetry/tracing";
import { createToolExecutor } from "@forerun/tool-executor/app";
import { toolExecutorConfig } from "@forerun/tool-executor/config";
import { createWebHandler } from "@forerun/web/server/web-handler";

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
  store: "pglite" | "postgres";
} & AsyncDisposable;

export type StackHooks = {
  /** Called with the id of each turn that has ended here. */
  turnEnded?: (turnId: string) => void;
};

/** Opens the stores and composes the services. Throws ForerunError when the configuration or the data folder does not allow it. */
export async function startStack(environment: Environment, hooks: StackHooks = {}): Promise<Stack> {
  const env = readChatEnvironment(environment);
  const file = readConfigFile(env.CONFIG);
  const place = { databaseUrl: env.DATABASE_URL, dataDir: env.DATA_DIR };
  const maxMessageBytes = env.MAX_MESSAGE_BYTES;
  const stack = new DisposalStack();
  try {
    const logger = (service: string) => createLogger({ service, level: env.LOG_LEVEL });
    const metrics = stack.use(createMetrics("forerun"));
    const tracer = stack.use(await createTracer("forerun", process.env));
    const observe = rpcMetrics(metrics.meter);
    const clientOf = <Desc extends DescService>(service: Desc, app: App, log: Logger): Client<Desc> =>
      createMeshClient(
        service,
        createLocalTransport(app.bindings, { messages: "share", maxMessageBytes, observe, log }),
      );
    const serve = <Desc extends DescService>(service: Desc, app: App, log: Logger): Client<Desc> =>
      clientOf(service, stack.use(app), log);
    const modelOf = (tier: ModelTier, options: ModelOptions | undefined): Model | undefined =>
      options && measureModel(stack.use(createModel(options)), tier, metrics.meter);

    const memoryLog = logger("memory");
    const memory = serve(
      MemoryService,
      createMemory({ db: await openMemoryStore(place, memoryLog) }),
      memoryLog,
    );
    const toolsLog = logger("tool-executor");
    const executor = await createToolExecutor(toolExecutorConfig(environment, file), {
      memory,
      log: toolsLog,
    });
    const tools = serve(ToolService, executor, toolsLog);
    const routerLog = logger("router");
    const routeModel = modelOf("route", readRouteModel(environment, file));
    const router = await createRouter(routerConfig(environment, file), {
      tools,
      log: routerLog,
      model: routeModel,
    });
    const answerModel = modelOf("answer", readAnswerModel(environment, file));
    const answer = serve(AnswerService, createAnswer({ model: answerModel }), logger("answer"));
    const chatLog = logger("chat");
    const app = stack.use(
      createChat(chatConfig(env, file), {
        store: await openChatStore(place, chatLog),
        clients: { router: serve(RouterService, router, routerLog), tools, answer, memory },
        tracer,
        observer: observed(turnMetrics(metrics.meter), hooks),
        observe,
        web: createWebHandler(),
        log: chatLog,
      }),
    );
    return {
      chat: clientOf(ChatService, app, chatLog),
      tools,
      memory,
      callerOptions: () => ({ contextValues: valuesOf(LOCAL_CALLER, undefined) }),
      app,
      metrics,
      log: chatLog,
      model: answerModel?.name ?? null,
      store: env.DATABASE_URL ? "postgres" : "pglite",
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}

function observed(observer: TurnObserver, { turnEnded }: StackHooks): TurnObserver {
  return {
    ...observer,
    ended(turn, seconds) {
      observer.ended(turn, seconds);
      if (turn) turnEnded?.(turn.turnId);
    },
  };
}

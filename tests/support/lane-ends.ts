/** A lane: chat's ways to its executor, over a broker with the lane's own users and over gRPC, and the executor itself. */
import { CallInbox } from "@forerun/bus/call-inbox";
import { type OpenedBus, openBus } from "@forerun/bus/open-bus";
import type { ToolLane } from "@forerun/chat/tool-lanes-wire";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { bind } from "@forerun/rpc/binding";
import { claimSigner, claimVerifier } from "@forerun/rpc/claim";
import { createMeshClient } from "@forerun/rpc/client";
import { serveGrpc } from "@forerun/rpc/grpc-server";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import { silentBusSignals } from "@forerun/telemetry/bus-signals";
import { takeBusCalls } from "@forerun/tool-executor/bus-calls-wire";
import { executorWith, tool } from "@forerun/tool-executor/fixtures/domain";
import { toolService } from "@forerun/tool-executor/service";

const KEY = Buffer.alloc(32, 7).toString("base64");

export type LaneEnds = {
  /** As chat has it. */
  way: ToolLane;
  /** Call ids of what its executor has run. */
  ran: string[];
  /** What its executor's connection has heard, besides. */
  executor: OpenedBus;
  /** Ends the executor's taking of calls off the bus; it still serves gRPC. */
  leaveBus(): void;
} & AsyncDisposable;

export type LaneOptions = { lane: string; signIn(service: "chat" | "tool-executor"): string };

export async function openLane({ lane, signIn }: LaneOptions): Promise<LaneEnds> {
  const stack = new DisposalStack();
  const ran: string[] = [];
  const run = async ({ id }: Record<string, unknown>) => {
    ran.push(String(id));
    return {};
  };
  const { executor, registry } = executorWith(
    tool({ name: "read", effect: "read", run }),
    tool({ name: "write", effect: "write", run }),
  );
  const end = async (service: "chat" | "tool-executor") => {
    const opened = await openBus({
      url: signIn(service),
      env: "prod",
      lane,
      name: service,
      observe: () => {},
    });
    stack.use(opened.bus);
    return opened;
  };
  const [chat, executing] = [await end("chat"), await end("tool-executor")];
  const signals = silentBusSignals;
  const taking = await takeBusCalls({
    ...executing,
    verify: claimVerifier(KEY),
    signals,
    executor,
    lane,
    log: silentLogger,
  });
  stack.use(taking);
  const server = stack.use(
    await serveGrpc({
      bindings: [bind(ToolService, toolService(registry, executor, lane))],
      host: "127.0.0.1",
      port: 0,
      callers: { key: KEY },
      maxMessageBytes: 4 << 20,
      log: silentLogger,
    }),
  );
  const direct = { address: `ipv4:${server.address}`, key: KEY, service: "chat" };
  const inbox = stack.use(await CallInbox.open(chat.bus, chat.subjects));
  return {
    way: {
      tools: createMeshClient(ToolService, stack.use(createGrpcTransport(direct))),
      bus: { ...chat, inbox, sign: claimSigner(KEY, "chat"), signals },
    },
    ran,
    executor: executing,
    leaveBus: () => taking[Symbol.dispose](),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

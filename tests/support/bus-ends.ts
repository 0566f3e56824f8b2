/** Chat's calls of tools and an executor that takes them, each with its own connection to a broker. */

import type { BusEvent } from "@forerun/bus/bus-event";
import { CallInbox } from "@forerun/bus/call-inbox";
import { type OpenedBus, openBus } from "@forerun/bus/open-bus";
import { createCollaborators, type ServiceClients } from "@forerun/chat/clients";
import type { ToolStep } from "@forerun/chat/collaborators";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { bind } from "@forerun/rpc/binding";
import { claimSigner, claimVerifier } from "@forerun/rpc/claim";
import { createMeshClient } from "@forerun/rpc/client";
import { createLocalTransport } from "@forerun/rpc/local";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import { silentBusSignals } from "@forerun/telemetry/bus-signals";
import { takeBusCalls } from "@forerun/tool-executor/bus-calls-wire";
import { executorWith } from "@forerun/tool-executor/fixtures/domain";
import { toolService } from "@forerun/tool-executor/service";
import type { Tool } from "@forerun/toolkit";

const KEY = Buffer.alloc(32, 7).toString("base64");

export type BusEnd = OpenedBus & { events: BusEvent[] };

export type BusEnds = {
  chat: BusEnd;
  executor: BusEnd;
  /** Why calls went over gRPC instead, one entry a call. */
  fallbacks: string[];
  /** How a decided call ends. */
  call(tool: string, callId: string): Promise<ToolStep | undefined>;
} & AsyncDisposable;

/** Where the two ends reach their broker; the way round it, which gRPC is in a mesh, is a direct call here. */
export async function openBusEnds(
  urls: Readonly<{ chat: string; executor: string }>,
  ...tools: Tool[]
): Promise<BusEnds> {
  const stack = new DisposalStack();
  const { executor, registry } = executorWith(...tools);
  const [chatEnd, executorEnd] = [await openEnd(urls.chat), await openEnd(urls.executor)];
  stack.use(chatEnd.bus);
  stack.use(executorEnd.bus);
  stack.defer(() => executor.cancelAll());
  const taking = { verify: claimVerifier(KEY), signals: silentBusSignals, executor, log: silentLogger };
  stack.use(await takeBusCalls({ ...executorEnd, ...taking }));
  const bindings = [bind(ToolService, toolService(registry, executor))];
  const direct = createLocalTransport(bindings, {
    messages: "clone",
    maxMessageBytes: 4 << 20,
    log: silentLogger,
  });
  const fallbacks: string[] = [];
  const { execute } = createCollaborators(
    // Nothing but tools is asked for.
    { tools: createMeshClient(ToolService, direct) } as ServiceClients,
    {
      ...chatEnd,
      inbox: stack.use(await CallInbox.open(chatEnd.bus, chatEnd.subjects, chatEnd.observe)),
      sign: claimSigner(KEY, "chat"),
      signals: { ...silentBusSignals, fellBack: (reason) => fallbacks.push(reason) },
    },
  );
  return {
    chat: chatEnd,
    executor: executorEnd,
    fallbacks,
    async call(name, callId) {
      const call = { callId, name, arguments: { id: callId }, dependsOn: [], toolHash: "" };
      const deadline = new Date(Date.now() + 60_000);
      const { signal } = new AbortController();
      const scope = { caller: LOCAL_CALLER, trace: undefined, deadline, signal };
      let last: ToolStep | undefined;
      for await (const step of execute(call, `turn-${callId}`, scope)) last = step;
      return last;
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function openEnd(url: string): Promise<BusEnd> {
  const events: BusEvent[] = [];
  const observe = (event: BusEvent) => void events.push(event);
  return { ...(await openBus({ url, env: "dev", lane: "default", name: "test", observe })), events };
}

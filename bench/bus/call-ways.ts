import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCollaborators, type ServiceClients } from "@forerun/chat/clients";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { createMeshClient } from "@forerun/rpc/client";
import { createLocalTransport } from "@forerun/rpc/local";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { parseConfigFile } from "@forerun/runtime/config-file";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import { silentBusSignals } from "@forerun/telemetry/bus-signals";
import { createToolExecutor } from "@forerun/tool-executor/app";
import { toolExecutorConfig } from "@forerun/tool-executor/config";
import { createNoopMeter } from "@opentelemetry/api";
import { openCallBus } from "../../cli/src/call-bus.ts";

/** Makes one early call and reads it to its end. */
export type CallWay = (callId: string) => Promise<void>;

const ECHO = `export default {
  name: "echo", description: "Gives back what it gets.", effect: "pure", examples: [], timeoutMs: 5000, cacheTtlMs: 0,
  input: { type: "object", properties: { text: { type: "string" } } }, output: {},
  run: async ({ text }) => ({ text }),
};`;

/** An executor in this process, and chat's two ways to it. */
export async function openCallWays(): Promise<{ direct: CallWay; bus: CallWay } & AsyncDisposable> {
  const resources = new DisposalStack();
  const folder = await mkdtemp(join(tmpdir(), "forerun-bench-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "tools"));
  writeFileSync(join(folder, "tools", "echo.mjs"), ECHO);
  const options = { messages: "share", maxMessageBytes: 4_194_304, log: silentLogger } as const;
  const signalsOf = () => silentBusSignals;
  const meter = createNoopMeter();
  const calls = await openCallBus({ environment: {}, log: silentLogger, meter, signalsOf }, resources);
  const config = toolExecutorConfig(
    { TOOLS_DIR: join(folder, "tools") },
    parseConfigFile("", "forerun.yaml").config,
  );
  const memory = createMeshClient(MemoryService, createLocalTransport([], options));
  const deps = { memory, calls: calls.taking, log: silentLogger };
  const { bindings } = resources.use(await createToolExecutor(config, deps));
  const tools = createMeshClient(ToolService, createLocalTransport(bindings, options));
  // Nothing but tools is asked for.
  const clients = { tools } as ServiceClients;
  return {
    direct: wayBy(createCollaborators(clients)),
    bus: wayBy(createCollaborators(clients, calls.making)),
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

function wayBy({ execute }: ReturnType<typeof createCollaborators>): CallWay {
  const { signal } = new AbortController();
  return async (callId) => {
    const call = { callId, name: "echo", arguments: { text: "hello" }, dependsOn: [], toolHash: "" };
    const deadline = new Date(Date.now() + 60_000);
    const scope = { caller: LOCAL_CALLER, trace: undefined, deadline, signal };
    let last = "";
    for await (const step of execute(call, "t1", scope, true)) last = step.kind;
    if (last !== "result") throw new Error(`the call ended with ${last}`);
  };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CallInbox } from "@forerun/bus/call-inbox";
import { openBus } from "@forerun/bus/open-bus";
import { subject } from "@forerun/bus/subject";
import { createCollaborators, type ServiceClients } from "@forerun/chat/clients";
import { leaveNoChild } from "@forerun/components/leave-no-child";
import { startNats } from "@forerun/components/nats";
import { claimSigner } from "@forerun/rpc/claim";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentBusSignals } from "@forerun/telemetry/bus-signals";
import { BENCH_KEY, TOOLS } from "./fan-out-parts.ts";

export type FanOut = {
  /** One bare request, and eight published at once and gathered on one inbox. */
  request(): Promise<void>;
  gather(): Promise<void>;
  /** Calls of as many tools at once, each of which takes `ms` milliseconds. */
  calls(count: number, ms: number): Promise<void>;
} & AsyncDisposable;

const EXECUTOR = fileURLToPath(new URL("executor-process.ts", import.meta.url));

/** Chat's end in this process, an executor in another, and a real nats-server between them. */
export async function openFanOut(): Promise<FanOut> {
  const stack = new DisposalStack();
  const { url } = stack.use(await startNats());
  stack.use(await startExecutor(url));
  const settings = { url, env: "dev", lane: "default", name: "chat", observe: () => {} };
  const { bus, subjects, observe } = await openBus(settings);
  stack.use(bus);
  const inbox = stack.use(await CallInbox.open(bus, subjects));
  const sign = claimSigner(BENCH_KEY, "chat");
  const signals = { ...silentBusSignals, fellBack: (reason: string) => fail(`a call fell back: ${reason}`) };
  const making = { bus, subjects, observe, inbox, sign, signals };
  // Whatever does not go over the bus is an error here.
  const { execute } = createCollaborators({} as ServiceClients, making);
  const { signal } = new AbortController();
  const gathered = (await bus.subscribe(subject("bench", "inbox"), { signal }))[Symbol.asyncIterator]();
  let made = 0;
  const call = async (name: string, ms: number) => {
    const scope = { caller: LOCAL_CALLER, trace: undefined, deadline: new Date(Date.now() + 60_000), signal };
    made += 1;
    const one = { callId: `c${made}`, name, arguments: { ms }, dependsOn: [], toolHash: "" };
    for await (const step of execute(one, "turn", scope)) if (step.kind === "failure") fail(step.message);
  };
  const data = new Uint8Array(256);
  return {
    async request() {
      await bus.request(subject("echo", "t1"), data, { timeoutMs: 5_000, signal });
    },
    async gather() {
      for (const name of TOOLS)
        bus.publish(subject("echo", name), data, { reply: subject("bench", "inbox") });
      for (const _ of TOOLS) await gathered.next();
    },
    async calls(count, ms) {
      await Promise.all(TOOLS.slice(0, count).map((name) => call(name, ms)));
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function startExecutor(url: string): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, ["--import", "tsx", EXECUTOR, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  leaveNoChild(child, "SIGKILL");
  await once(child.stdout, "data");
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

function fail(message: string): never {
  throw new Error(message);
}

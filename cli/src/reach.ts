import { connect } from "node:net";
import type { CallOptions, Client, Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { createMeshClient } from "@forerun/rpc/client";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { isLoopback } from "@forerun/runtime/loopback";
import type { CommandContext } from "./command-context.ts";
import { namingStrangers } from "./naming-strangers.ts";

/** The services a verb talks to: over FORERUN_URL, or in this process. */
export type Reach = {
  chat: Client<typeof ChatService>;
  tools: Client<typeof ToolService>;
  memory: Client<typeof MemoryService>;
  /** What every call needs: what stops it, and in this process the caller's name (over FORERUN_URL the token tells it). */
  callerOptions(): CallOptions;
} & AsyncDisposable;

const PROBE_MS = 1_000;
const VARIABLES = ENVIRONMENT.pick({ FORERUN_URL: true, FORERUN_TOKEN: true, DATA_DIR: true });

/**
 * Reaches the server at FORERUN_URL. When nothing listens there and it is this machine, runs the stack in this process on the
 * data folder; a server elsewhere that does not answer, and another program that does, are FR-E1802.
 */
export async function reach(context: CommandContext): Promise<Reach> {
  const { env, terminal, interrupt } = context;
  const { FORERUN_URL: url, FORERUN_TOKEN: token, DATA_DIR: folder } = readEnv(VARIABLES, env);
  if (await listens(url)) return remote(url, token, interrupt);
  if (!isLoopback(new URL(url).hostname)) throw unreachable(url);
  terminal.say(terminal.paint.say.dim(`no server at ${url}: running in this process on ${folder}`));
  return inProcess(env, interrupt);
}

function remote(url: string, token: string | undefined, signal: AbortSignal): Reach {
  const interceptors = [namingStrangers(url), ...(token ? [bearer(token)] : [])];
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors });
  return {
    chat: createMeshClient(ChatService, transport),
    tools: createMeshClient(ToolService, transport),
    memory: createMeshClient(MemoryService, transport),
    callerOptions: () => ({ signal }),
    // Connections are kept by Node's global agent, which keeps no process alive.
    [Symbol.asyncDispose]: async () => {},
  };
}

async function inProcess(env: Environment, signal: AbortSignal): Promise<Reach> {
  const { startStack } = await import("./stack.ts");
  // Its log would drown the result; LOG_LEVEL brings it back.
  const stack = await startStack({ LOG_LEVEL: "error", ...env });
  return { ...stack, callerOptions: () => ({ ...stack.callerOptions(), signal }) };
}

function bearer(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}

/** Whether something accepts connections at the address. */
export async function listens(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) || (protocol === "https:" ? 443 : 80) });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS, () => settle(false));
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
  });
}

function unreachable(url: string): ForerunError {
  return new ForerunError(
    "FR-E1802",
    "unavailable",
    `nothing answers at ${url}`,
    "start it there, or set FORERUN_URL to where it runs",
  );
}

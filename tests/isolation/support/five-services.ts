/** The five services as a mesh has them: chat believes tokens of an issuer alone, and the others claims that a service has signed. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DescService } from "@bufbuild/protobuf";
import { start as startAnswer } from "@forerun/answer/app";
import { goodClaims, ISSUER, signingKey } from "@forerun/auth/fixtures/issuer";
import { start as startChat } from "@forerun/chat/app";
import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { start as startMemory } from "@forerun/memory/app";
import { start as startRouter } from "@forerun/router/app";
import type { Caller } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { start as startToolExecutor } from "@forerun/tool-executor/app";

/** FORERUN_KEY of all of them. */
export const KEY = Buffer.alloc(32, 11).toString("base64");

/** Where people come in, and what they may ask for there. */
export const FOR_PEOPLE = [ChatService, MemoryService, ToolService] as const;

/** A service at one of its doors; `address` is host:port. */
export type Entrance = Readonly<{
  door: "people" | "services";
  service: DescService;
  address: string;
  protocol: "gRPC" | "Connect";
}>;

export type FiveServices = {
  entrances: readonly Entrance[];
  /** Chat's doors: a URL, and host:port. */
  chat: Readonly<{ http: string; grpc: string }>;
  /** Path of the issuer's keys. */
  jwks: string;
  /** A token of the issuer that chat believes. */
  tokenOf(caller: Caller): Promise<string>;
} & AsyncDisposable;

export async function startFiveServices(databaseUrl: string, dataDir: string): Promise<FiveServices> {
  const stack = new DisposalStack();
  const issuer = await signingKey("ES256", "k1");
  const jwks = join(dataDir, "jwks.json");
  await writeFile(jwks, JSON.stringify({ keys: [issuer.jwk] }));
  const env: Record<string, string> = {
    HOST: "127.0.0.1",
    PORT: "0",
    GRPC_PORT: "0",
    METRICS_ADDR: "127.0.0.1:0",
    LOG_LEVEL: "silent",
    FORERUN_KEY: KEY,
    DATABASE_URL: databaseUrl,
    DATABASE_POOL: "4",
    DATA_DIR: dataDir,
    TOOLS_DIR: dataDir,
  };
  const memory = stack.use(await startMemory(env));
  const tools = stack.use(await startToolExecutor({ ...env, MEMORY_ADDR: to(memory.grpc) }));
  const router = stack.use(await startRouter({ ...env, TOOL_EXECUTOR_ADDR: to(tools.grpc) }));
  const answer = stack.use(await startAnswer(env));
  const addresses = {
    ROUTER_ADDR: to(router.grpc),
    TOOL_EXECUTOR_ADDR: to(tools.grpc),
    ANSWER_ADDR: to(answer.grpc),
    MEMORY_ADDR: to(memory.grpc),
  };
  const tokens = { AUTH: "jwt", JWT_ISSUER: ISSUER, JWKS: jwks };
  const chat = stack.use(await startChat({ ...env, ...addresses, ...tokens }, () => {}));
  const inside = [
    [MemoryService, memory],
    [ToolService, tools],
    [RouterService, router],
    [AnswerService, answer],
  ] as const;
  return {
    entrances: [
      ...FOR_PEOPLE.map((service) => entrance("people", service, chat.grpc)),
      ...inside.map(([service, { grpc }]) => entrance("services", service, grpc)),
    ],
    chat,
    jwks,
    tokenOf: ({ tenant, subject, roles }) =>
      issuer.sign({ ...goodClaims(), sub: subject, tenant, roles: [...roles] }),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

function entrance(door: Entrance["door"], service: DescService, address: string): Entrance {
  return { door, service, address, protocol: "gRPC" };
}

function to(address: string): string {
  return `dns:///${address}`;
}

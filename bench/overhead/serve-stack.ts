/** One process to be measured: the stack on a store of choice (`memory`, or the one that the environment names). */
import { servePublic } from "@forerun/chat/public-servers";
import { startStack } from "../../cli/src/stack.ts";
import { openMemoryChatStore } from "./memory-store.ts";

const store = process.argv[2];
const stack = await startStack(
  process.env,
  store === "memory" ? { openStore: async () => openMemoryChatStore() } : {},
);
const servers = await servePublic(stack.app, {
  host: "127.0.0.1",
  port: 0,
  grpcPort: 0,
  maxMessageBytes: 4_194_304,
  maxConnectionAgeMs: 300_000,
  log: stack.log,
});
process.stdout.write(`${JSON.stringify({ event: "ready", http: servers.http, pid: process.pid })}\n`);
process.on("SIGTERM", () => void stop());

async function stop(): Promise<void> {
  await servers[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  process.exit(0);
}

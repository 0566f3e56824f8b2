/** What `npm run build` makes, in a folder that holds nothing else. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { valuesOf } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import { beforeAll, expect, it } from "vitest";
import { buildBundle } from "../scripts/build/build-bundle.ts";
import type { BundledName } from "../scripts/build/bundled.ts";
import { type RunningProcess, startProcess } from "./support/forerun-process.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

type Ready = { http: string; grpc: string };

const KEY = Buffer.alloc(32, 7).toString("base64");
const NOWHERE = "ipv4:127.0.0.1:1";

/** Takes what tool files may: the toolkit, parts of it, and zod. */
const SHOUT = `
import { defineTool, ToolFailure } from "@forerun/toolkit";
import { canonicalJson } from "@forerun/toolkit/canonical-json";
import { z } from "zod";
const input = z.object({ text: z.string().min(1) });
export default defineTool({
  name: "shout", description: "Says it louder.", effect: "pure", input, output: z.object({ text: z.string() }),
  examples: [{ text: "shout hello", arguments: { text: "hello" } }], timeoutMs: 1000, cacheTtlMs: 0,
  run: async ({ text }: z.infer<typeof input>) => {
    if (text === "hush") throw new ToolFailure("not_found", "nothing to hear");
    return { text: JSON.parse(canonicalJson({ text })).text.toUpperCase() };
  },
});`;

const scratch = new DisposalStack();
let folder = "";
beforeAll(async () => {
  folder = scratch.use(await scratchFolder()).path;
  return () => scratch[Symbol.asyncDispose]();
});

async function start(name: BundledName, env: Record<string, string> = {}): Promise<RunningProcess<Ready>> {
  await buildBundle(name, join(folder, name));
  return startProcess<Ready>([join(folder, name, "main.js")], {
    PORT: "0",
    GRPC_PORT: "0",
    METRICS_ADDR: "127.0.0.1:0",
    FORERUN_KEY: KEY,
    ROUTER_ADDR: NOWHERE,
    TOOL_EXECUTOR_ADDR: NOWHERE,
    ANSWER_ADDR: NOWHERE,
    MEMORY_ADDR: NOWHERE,
    ...env,
  });
}

async function callTool(address: string, name: string, args: Record<string, string>): Promise<unknown> {
  using transport = createGrpcTransport({ address: `ipv4:${address}`, key: KEY, service: "chat" });
  const tools = createMeshClient(ToolService, transport);
  const request = { call: { callId: "c1", name, arguments: args } };
  const options = { contextValues: valuesOf(LOCAL_CALLER, undefined), timeoutMs: 20_000 };
  const ends: unknown[] = [];
  for await (const { event } of tools.execute(request, options)) {
    if (event.case === "result") ends.push(event.value.output);
    if (event.case === "failure") ends.push(event.value.code);
  }
  return ends;
}

it("run tools that come as TypeScript, with the toolkit and zod, and calculate in a thread", async () => {
  const tools = join(folder, "tools");
  await mkdir(tools, { recursive: true });
  await writeFile(join(tools, "shout.ts"), SHOUT);
  await using executor = await start("tool-executor", { TOOLS_DIR: tools });
  const { grpc } = executor.ready;
  const ends = [
    await callTool(grpc, "shout", { text: "hello" }),
    await callTool(grpc, "shout", { text: "hush" }),
    await callTool(grpc, "calculator", { expression: "17% of 2400" }),
  ];
  expect(JSON.stringify(ends)).toMatch(/HELLO.*not_found.*408/);
  expect(await executor.stop()).toBe(0);
});

it("carry the licences of what is in them", async () => {
  await buildBundle("migrate", join(folder, "migrate"));
  const licences = await readFile(join(folder, "migrate", "LICENSES.txt"), "utf8");
  for (const text of ["forerun 0.1.0: Apache-2.0", "pg 8.", "zod 4.", "Permission is hereby granted"])
    expect(licences).toContain(text);
});

it("that lack DATABASE_URL say so by a code of their own", async () => {
  await expect(start("chat")).rejects.toThrow("FR-E1110  DATABASE_URL is not set");
});

skipWithout("postgres")("bundles on a Postgres", () => {
  it("bring the schemas up to date and serve the page", async () => {
    await using postgres = await startPostgres();
    const env = { DATABASE_URL: postgres.url };
    await using migrated = await start("migrate", env);
    expect(migrated.ready).toHaveProperty("applied");
    await using chat = await start("chat", { ...env, DATABASE_MIGRATE: "off" });
    const page = await (await fetch(chat.ready.http)).text();
    const script = /src="([^"]+\.js)"/.exec(page)?.[1];
    const answer = await fetch(new URL(script ?? "", chat.ready.http));
    expect([answer.status, (await answer.text()).length > 20_000]).toEqual([200, true]);
  });
});

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@forerun/components/free-port";
import type { ModelOptions } from "@forerun/llm/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordingTerminal } from "../fixtures.ts";
import { doctor } from "../verbs/doctor.ts";
import { checkDataFolder, checkOwner, ownerOf } from "./check-data-folder.ts";
import { checkEmbeddings } from "./check-embeddings.ts";
import { checkTier } from "./check-model.ts";
import { checkNode } from "./check-node.ts";
import { checkPort } from "./check-port.ts";
import { checkPostgres } from "./check-postgres.ts";
import { checkRedis } from "./check-redis.ts";
import { checkToolsFolder } from "./check-tools-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "forerun-doctor-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A model's API that answers everything with one status. */
async function modelApi(status: number): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((_request, response) => response.writeHead(status).end()).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const model = (url: string) => ({ url, key: "k", model: "m", timeoutMs: 1_000 });

describe("doctor", () => {
  it.each([
    ["20.19.0", true],
    ["20.18.3", false],
    ["18.20.0", false],
    ["24.1.0", true],
  ])("judges Node %s", (version, ok) => {
    expect(checkNode(version)).toMatchObject({ ok, fix: ok ? "" : expect.stringContaining("20.19") });
  });

  it("finds a data folder that can be made, and one that a file stands in the way of", () => {
    expect(checkDataFolder(join(folder, "new/data"))).toMatchObject({ ok: true });
    writeFileSync(join(folder, "file"), "");
    expect(checkDataFolder(join(folder, "file/data"))).toMatchObject({
      ok: false,
      fix: expect.stringContaining("DATA_DIR"),
    });
  });

  it("tells a folder's live owner from one that is gone", () => {
    const lock = (pid: number) =>
      writeFileSync(join(folder, "chat.lock"), JSON.stringify({ pid, host: hostname() }));
    lock(process.pid);
    expect(ownerOf(folder)).toEqual({ pid: process.pid, host: hostname() });
    expect(checkOwner(ownerOf(folder), folder, true)).toMatchObject({ ok: true });
    expect(checkOwner(ownerOf(folder), folder, false)).toMatchObject({
      ok: false,
      fix: expect.stringContaining("FORERUN_URL"),
    });
    lock(2 ** 30);
    expect(ownerOf(folder)).toBeUndefined();
  });

  it("minds a taken port only when a person chose it or it is not the server's own", async () => {
    const holder = createTcpServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    const check = (chosen: boolean, ownerPid?: number) =>
      checkPort({ name: "PORT", host: "127.0.0.1", port, chosen, ownerPid });
    expect(await check(true)).toMatchObject({ ok: false, fix: expect.stringContaining("PORT") });
    expect(await check(false)).toMatchObject({ ok: true });
    if (process.platform === "linux") expect(await check(true, process.pid)).toMatchObject({ ok: true });
    holder.close();
  });

  it("asks the model's API without calling a model", async () => {
    await using answers = await modelApi(200);
    const check = (...common: ModelOptions[]) => checkTier("answer", { common, tenants: new Map() });
    expect(await check(model(answers.url))).toMatchObject([{ ok: true }]);
    await using refuses = await modelApi(401);
    expect(await check(model(refuses.url))).toMatchObject([
      { ok: false, fix: expect.stringContaining("OPENAI_API_KEY") },
    ]);
    const gone = `http://127.0.0.1:${await freePort()}/v1`;
    expect(await check(model(answers.url), model(gone))).toMatchObject([
      { check: "model answer", ok: true },
      { check: "model answer 2", ok: false, detail: expect.stringContaining("ECONNREFUSED") },
    ]);
    expect(await check()).toMatchObject([{ ok: true }]);
    const tenants = new Map([["acme", [model(answers.url)]]]);
    expect(await checkTier("judge", { common: [], tenants })).toMatchObject([
      { check: "model judge acme", ok: true },
    ]);
  });

  it("embeds a text where an embedder is meant, and says what is missing for that", async () => {
    expect(await checkEmbeddings({ kind: "lexical" })).toMatchObject({
      ok: true,
      detail: expect.stringContaining("by their words"),
    });
    const broken = await checkEmbeddings({ kind: "local", folder });
    expect(broken).toMatchObject({
      ok: false,
      fix: expect.stringMatching(/EMBEDDINGS_DIR|onnxruntime-node/),
    });
    await using answers = await modelApi(500);
    const options = { ...model(answers.url), timeoutMs: 30_000 };
    const remote = await checkEmbeddings({ kind: "remote", options });
    expect(remote).toMatchObject({ check: "embeddings", ok: false });
  });

  it("looks at Postgres and the tools folder where there are any", async () => {
    expect(await checkPostgres(undefined)).toMatchObject({ ok: true });
    expect(await checkPostgres("postgres://u:p@127.0.0.1:1/d")).toMatchObject({ ok: false });
    expect(await checkRedis(undefined)).toMatchObject({ ok: true });
    expect(await checkRedis("redis://127.0.0.1:1")).toMatchObject({ ok: false });
    expect(checkToolsFolder(join(folder, "none"))).toMatchObject({ ok: true });
    writeFileSync(join(folder, "dice.ts"), "");
    expect(checkToolsFolder(folder)).toMatchObject({
      ok: true,
      detail: expect.stringContaining("1 module"),
    });
  });

  it("prints its findings as JSON and exits with 1 when one is wrong", async () => {
    const { terminal, stdout } = recordingTerminal();
    const env = {
      HOST: "0.0.0.0",
      DATA_DIR: folder,
      FORERUN_URL: "http://127.0.0.1:1",
      PORT: "0",
      GRPC_PORT: "0",
    };
    const interrupt = new AbortController().signal;
    expect(await doctor({ flags: {}, output: "json" }, { env, terminal, interrupt })).toBe(1);
    const findings = JSON.parse(stdout()) as { check: string; ok: boolean; fix: string }[];
    expect(findings.filter(({ ok }) => !ok)).toEqual([expect.objectContaining({ check: "address" })]);
  });

  it("reports a wrong configuration as its findings", async () => {
    const { terminal, stdout } = recordingTerminal();
    const interrupt = new AbortController().signal;
    const code = await doctor(
      { flags: { port: "eighty" }, output: "json" },
      { env: {}, terminal, interrupt },
    );
    expect(code).toBe(1);
    expect(stdout()).toContain("PORT: expected a port");
  });
});

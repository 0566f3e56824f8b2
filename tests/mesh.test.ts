/** The five services as processes over gRPC on a real Postgres. */

import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import { describe, expect, it } from "vitest";
import { checkReplicas, parseReplicas } from "../scripts/mesh/replicas.ts";
import { startServers } from "../scripts/mesh/servers.ts";
import { runForerun, startProcess } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

type MeshReady = {
  event: "ready";
  processes: { service: string; pid: number; http?: string; grpc: string; metrics: string }[];
};

async function startMesh(dataDir: string, replicas = "") {
  return startProcess<MeshReady>(["--import", "tsx", "scripts/mesh.ts", "--replicas", replicas], {
    PORT: "0",
    GRPC_PORT: "0",
    DATA_DIR: dataDir,
    TOOLS_DIR: join(dataDir, "tools"),
    LOG_LEVEL: "warn",
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("npm run mesh", () => {
  it.each([
    ["--replica", "Unknown option '--replica'"],
    ["--replicas=rooter=2", "rooter is no service; there are memory, tool-executor, router, answer, chat"],
  ])("words the mistake in %s and starts nothing", (flag, problem) => {
    const run = spawnSync(process.execPath, ["--import", "tsx", "scripts/mesh.ts", flag], {
      encoding: "utf8",
    });
    expect({ code: run.status, stdout: run.stdout }).toEqual({ code: 2, stdout: "" });
    expect(run.stderr).toContain(`✖ `);
    expect(run.stderr).toContain(problem);
    expect(run.stderr).toContain("npm run mesh [-- --replicas chat=3,router=2 --gateway]");
  });
});

describe("the servers of a mesh", () => {
  it("are those that are named, and one that is missing is told with the line that installs it", async () => {
    await using stack = new DisposalStack();
    const said: string[] = [];
    const named = { DATABASE_URL: "postgres://there", NATS_URL: "nats://there" };
    const servers = await startServers({ ...named, PATH: "" }, stack, (line) => said.push(line));
    expect(servers).toEqual({
      databaseUrl: "postgres://there",
      natsUrl: "nats://there",
      redisUrl: undefined,
    });
    expect(said).toEqual([expect.stringContaining("bash scripts/components.sh redis")]);
  });

  it("must hold NATS for more than one chat", () => {
    const two = parseReplicas("chat=2");
    expect(() => checkReplicas(two, undefined)).toThrow("bash scripts/components.sh nats");
    expect(() => checkReplicas(two, "nats://there")).not.toThrow();
    expect(() => checkReplicas(parseReplicas("router=3"), undefined)).not.toThrow();
  });
});

skipWithout("postgres")("the mesh", () => {
  scenario(
    "mesh.turn",
    async () => {
      const dataDir = await mkdtemp(join(tmpdir(), "forerun-mesh-test-"));
      try {
        await using mesh = await startMesh(dataDir, "chat=2,router=2");
        const services = mesh.ready.processes.map(({ service }) => service).sort();
        expect(services).toEqual(["answer", "chat", "chat", "memory", "router", "router", "tool-executor"]);
        const chats = mesh.ready.processes.flatMap(({ http: url }) => (url ? [url] : []));
        const standing = await runForerun(["status", ...chats, "-o", "json"]);
        expect(standing.code).toBe(0);
        const parts = ["store", "router", "tool-executor", "answer", "memory"];
        const serving = parts.map((part) => ({ part, state: "serving" }));
        const wanted = { ready: true, bus: "nats", parts: serving };
        expect(JSON.parse(standing.stdout)).toMatchObject([wanted, wanted]);
        const http = mesh.ready.processes.find(({ service }) => service === "chat")?.http;
        const response = await fetch(`${http}/chat`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ text: "17% of 2400, and what time is it in Oslo?" }),
        });
        const turn = (await response.json()) as { state: string; text: string; tool_calls: unknown[] };
        expect(turn.state).toBe("TURN_STATE_COMPLETED");
        expect(turn.text).toMatch(/\b408\b/);
        expect(turn.tool_calls).toHaveLength(2);
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    },
    120_000,
  );

  scenario(
    "mesh.stop",
    async () => {
      const dataDir = await mkdtemp(join(tmpdir(), "forerun-mesh-test-"));
      try {
        const mesh = await startMesh(dataDir);
        const pids = mesh.ready.processes.map(({ pid }) => pid);
        expect(pids.every(isAlive)).toBe(true);
        expect(await mesh.stop("SIGINT")).toBe(0);
        expect(pids.filter(isAlive)).toEqual([]);
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    },
    120_000,
  );
});

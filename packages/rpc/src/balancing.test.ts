import { spawn } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { ContractService } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { asCaller } from "./call-context.ts";
import { createMeshClient } from "./client.ts";
import { KEY } from "./fixtures/contract-service.ts";
import { type EchoServer, startEchoServer } from "./fixtures/echo-server.ts";
import { all } from "./fixtures/requests.ts";
import type { GrpcServerOptions } from "./grpc-server.ts";
import { createGrpcTransport } from "./grpc-transport.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(name: string, options?: Partial<GrpcServerOptions>): Promise<EchoServer> {
  const server = await startEchoServer(name, options);
  cleanups.push(() => server[Symbol.asyncDispose]());
  return server;
}

/** A replica in a process of its own. */
async function serveApart(name: string, delayMs: number): Promise<{ address: string; kill(): void }> {
  const script = fileURLToPath(new URL("./fixtures/echo-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, name, String(delayMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  cleanups.push(() => child.kill("SIGKILL"));
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  return { address: line.trim(), kill: () => void child.kill("SIGKILL") };
}

function clientTo(address: string) {
  const transport = createGrpcTransport({ address, key: KEY, service: "test" });
  cleanups.push(() => transport[Symbol.dispose]());
  return createMeshClient(ContractService, transport);
}

type Client = ReturnType<typeof clientTo>;

const call = () => asCaller(LOCAL_CALLER, { signal: AbortSignal.timeout(30_000) });
const echo = async (client: Client) => (await client.echo({}, call())).text;

/** A folder with an address list, and how to write it. */
function addressList(...addresses: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "forerun-balancing-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const list = join(folder, "replicas");
  const write = (...lines: string[]) => writeFileSync(list, lines.join("\n"));
  write(...addresses);
  return { address: `file://${list}`, write };
}

/** Calls one after the other until every one of these replicas has answered. */
async function allKnown(client: Client, names: readonly string[]): Promise<void> {
  const missing = new Set(names);
  while (missing.size > 0) missing.delete(await echo(client));
}

/** Makes `total` calls, `width` at a time, and counts who answered and how many failed. */
async function load(
  one: () => Promise<string>,
  total: number,
  width: number,
  at: Readonly<Record<number, () => unknown>> = {},
): Promise<{ answered: Map<string, number>; failed: unknown[] }> {
  const answered = new Map<string, number>();
  const failed: unknown[] = [];
  let begun = 0;
  const work = async () => {
    while (begun < total) {
      begun++;
      at[begun]?.();
      await one().then(
        (name) => answered.set(name, (answered.get(name) ?? 0) + 1),
        (error: unknown) => failed.push(error),
      );
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return { answered, failed };
}

describe("balancing over replicas", () => {
  it("spreads calls evenly, within a fifth, however many are under way", async () => {
    const names = ["one", "two", "three"];
    const servers = await Promise.all(names.map((name) => serve(name)));
    const client = clientTo(`ipv4:${servers.map(({ address }) => address).join(",")}`);
    await allKnown(client, names);
    const { answered, failed } = await load(() => echo(client), 900, 16);
    expect(failed).toEqual([]);
    for (const name of names) {
      expect(answered.get(name)).toBeGreaterThanOrEqual(240);
      expect(answered.get(name)).toBeLessThanOrEqual(360);
    }
  });

  it("gives a replica that joins an address list its share at once", async () => {
    const [one, two] = [await serve("one"), await serve("two")];
    const list = addressList(one.address, two.address);
    const client = clientTo(list.address);
    await allKnown(client, ["one", "two"]);
    const three = await serve("three");
    list.write(one.address, two.address, three.address);
    await allKnown(client, ["three"]);
    const { answered } = await load(() => echo(client), 300, 8);
    expect(answered.get("three")).toBeGreaterThanOrEqual(80);
  });

  it("finds a replica that joins a name once its servers renew their connections", async () => {
    const age = { maxConnectionAgeMs: 1_000 };
    const one = await serve("one", age);
    const port = Number(one.address.split(":").at(-1));
    const known = ["127.0.0.1"];
    const lookup = vi
      .spyOn(dns.promises, "lookup")
      .mockImplementation((async () => known.map((address) => ({ address, family: 4 }))) as never);
    cleanups.push(() => lookup.mockRestore());
    const client = clientTo(`dns:///replicas.test:${port}`);
    expect(await echo(client)).toBe("one");
    await serve("two", { ...age, host: "127.0.0.2", port });
    known.push("127.0.0.2");
    await allKnown(client, ["two"]);
    expect(lookup.mock.calls.length).toBeGreaterThan(1);
  });

  it("loses none of 2,000 calls when a replica stops in order", async () => {
    const names = ["one", "two", "three"];
    const servers = await Promise.all(names.map((name) => serve(name, { noticeMs: 100 })));
    const client = clientTo(`ipv4:${servers.map(({ address }) => address).join(",")}`);
    await allKnown(client, names);
    let drained: Promise<void> | undefined;
    const stop = () => {
      drained = servers[1]?.drain(10_000);
    };
    // Act is never tried again: a call that reaches a replica has to be answered there.
    for (const [times, server] of servers.entries()) server.handle({ act: () => ({ times }) });
    const act = async () => names[(await client.act({}, call())).times] ?? "";
    const { answered, failed } = await load(act, 2_000, 32, { 500: stop });
    await drained;
    expect(failed).toEqual([]);
    expect(answered.get("two")).toBeLessThan(650);
  });

  it("gives a replica that says it stops no new call, and ends those it has", async () => {
    const [one, two] = [await serve("one", { noticeMs: 60_000 }), await serve("two")];
    const client = clientTo(`ipv4:${one.address},${two.address}`);
    await allKnown(client, ["one", "two"]);
    // Without end of its own: the notice of a minute stands for a slow shutdown.
    void one.drain(0);
    let quiet = 0;
    while (quiet < 50) quiet = (await echo(client)) === "two" ? quiet + 1 : 0;
    const { answered } = await load(() => echo(client), 200, 8);
    expect([...answered.keys()]).toEqual(["two"]);
  });

  it.each([
    ["calls", (client: Client) => echo(client)],
    [
      "streams without a message",
      async (client: Client) => `${(await all(client.count({ to: 2 }, call()))).length}`,
    ],
  ])("loses none of 2,000 idempotent %s when a replica is killed", async (_, one) => {
    const replicas = await Promise.all(["one", "two", "three"].map((name) => serveApart(name, 5)));
    const client = clientTo(`ipv4:${replicas.map(({ address }) => address).join(",")}`);
    await allKnown(client, ["one", "two", "three"]);
    const { failed } = await load(() => one(client), 2_000, 50, { 700: () => replicas[1]?.kill() });
    expect(failed).toEqual([]);
  });
});

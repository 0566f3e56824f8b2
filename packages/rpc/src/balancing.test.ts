import dns from "node:dns";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { ContractService } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { asCaller } from "./call-context.ts";
import { createMeshClient } from "./client.ts";
import { KEY } from "./fixtures/contract-service.ts";
import { type EchoServer, startEchoServer } from "./fixtures/echo-server.ts";
import { allAnswered, load } from "./fixtures/load.ts";
import { startReplica } from "./fixtures/replica-process.ts";
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

describe("balancing over replicas", () => {
  it("spreads calls evenly, within a fifth, however many are under way", async () => {
    const names = ["one", "two", "three"];
    const servers = await Promise.all(names.map((name) => serve(name)));
    const client = clientTo(`ipv4:${servers.map(({ address }) => address).join(",")}`);
    await allAnswered(() => echo(client), names);
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
    await allAnswered(() => echo(client), ["one", "two"]);
    const three = await serve("three");
    list.write(one.address, two.address, three.address);
    await allAnswered(() => echo(client), ["three"]);
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
    await allAnswered(() => echo(client), ["two"]);
    expect(lookup.mock.calls.length).toBeGreaterThan(1);
  });

  it("loses none of 2,000 calls, which are never tried again, when a replica is told to stop", async () => {
    const names = ["1", "2", "3"];
    const replicas = await Promise.all(names.map((name) => startReplica(name, 5)));
    for (const replica of replicas) cleanups.push(() => replica[Symbol.asyncDispose]());
    const client = clientTo(`ipv4:${replicas.map(({ address }) => address).join(",")}`);
    await allAnswered(() => echo(client), names);
    const act = async () => `${(await client.act({}, call())).times}`;
    const { answered, failed } = await load(act, 2_000, 32, { 500: () => replicas[1]?.end("SIGTERM") });
    expect(failed).toEqual([]);
    expect(answered.get("2")).toBeLessThan(650);
    expect(await replicas[1]?.gone).toBe(0);
  }, 120_000);

  it("gives a replica that says it stops no new call, and ends those it has", async () => {
    const [one, two] = [await serve("one", { noticeMs: 60_000 }), await serve("two")];
    const client = clientTo(`ipv4:${one.address},${two.address}`);
    await allAnswered(() => echo(client), ["one", "two"]);
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
  ])(
    "tries idempotent %s again when a replica is killed, all but those whose answer had begun",
    async (_, one) => {
      const names = ["1", "2", "3"];
      const replicas = await Promise.all(names.map((name) => startReplica(name, 5)));
      for (const replica of replicas) cleanups.push(() => replica[Symbol.asyncDispose]());
      const client = clientTo(`ipv4:${replicas.map(({ address }) => address).join(",")}`);
      await allAnswered(() => echo(client), names);
      const { failed } = await load(() => one(client), 2_000, 50, { 700: () => replicas[1]?.end("SIGKILL") });
      // Past the headers of an answer gRPC tries nothing again; as a rule no call stands just there.
      expect(failed.length).toBeLessThanOrEqual(2);
    },
    120_000,
  );
});

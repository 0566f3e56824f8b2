import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { ContractService } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAddressList } from "./address-list.ts";
import { asCaller } from "./call-context.ts";
import { createMeshClient } from "./client.ts";
import { KEY } from "./fixtures/contract-service.ts";
import { type EchoServer, startEchoServer } from "./fixtures/echo-server.ts";
import { createGrpcTransport, type GrpcTransport } from "./grpc-transport.ts";

describe("an address list", () => {
  let folder: string;
  let list: string;
  let servers: EchoServer[];
  let transport: GrpcTransport | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "forerun-list-"));
    list = join(folder, "router");
    servers = [await startEchoServer("one"), await startEchoServer("two")];
  });
  afterEach(async () => {
    transport?.[Symbol.dispose]();
    for (const server of servers) await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  function client() {
    transport = createGrpcTransport({ address: `file://${list}`, key: KEY, service: "test" });
    return createMeshClient(ContractService, transport);
  }

  /** Names of the servers that answer until one answers for the first time that is in `wanted`, or all are. */
  async function answersUntil(echo: () => Promise<string>, wanted: string): Promise<string> {
    for (;;) {
      const name = await echo();
      if (name === wanted) return name;
      await new Promise(setImmediate);
    }
  }

  const echoWith = (mesh: ReturnType<typeof client>) => async () => {
    const call = asCaller(LOCAL_CALLER, { signal: AbortSignal.timeout(10_000) });
    return (await mesh.echo({}, call)).text;
  };

  const addressOf = (index: number) => servers[index]?.address ?? "";

  it("spreads calls over all its addresses in turn", async () => {
    writeFileSync(list, `# replicas\n${addressOf(0)}\n\n${addressOf(1)} # the second\n`);
    const echo = echoWith(client());
    // Both connections must stand before the turn is strict.
    await answersUntil(echo, "one");
    await answersUntil(echo, "two");
    const names = [await echo(), await echo(), await echo(), await echo()];
    expect(names.filter((name) => name === "one")).toHaveLength(2);
  });

  it("is in use as soon as it changes, written in place or replaced", async () => {
    writeFileSync(list, addressOf(0));
    const echo = echoWith(client());
    expect(await echo()).toBe("one");
    writeFileSync(list, addressOf(1));
    expect(await answersUntil(echo, "two")).toBe("two");
    writeFileSync(`${list}.new`, addressOf(0));
    renameSync(`${list}.new`, list);
    expect(await answersUntil(echo, "one")).toBe("one");
  });

  it.each(["", "nonsense", "127.0.0.1:99999", "# nobody\n"])(
    "keeps the last good list when it becomes %j",
    async (text) => {
      writeFileSync(list, addressOf(0));
      const echo = echoWith(client());
      expect(await echo()).toBe("one");
      writeFileSync(list, text);
      expect([await echo(), await echo()]).toEqual(["one", "one"]);
    },
  );

  it("keeps the last good list when the file goes away", async () => {
    writeFileSync(list, addressOf(0));
    const echo = echoWith(client());
    expect(await echo()).toBe("one");
    rmSync(list);
    expect([await echo(), await echo()]).toEqual(["one", "one"]);
  });

  it("comes into use when the file appears after the client", async () => {
    const echo = echoWith(client());
    await expect(echo()).rejects.toThrow("the service is unavailable");
    writeFileSync(list, addressOf(0));
    for (;;) {
      const name = await echo().catch(() => undefined);
      if (name) return expect(name).toBe("one");
      await new Promise(setImmediate);
    }
  });

  it("holds host:port lines, IPv6 in brackets", () => {
    writeFileSync(list, "router-0.mesh:8081\n[::1]:8082\n");
    expect(readAddressList(list)).toEqual([
      { addresses: [{ host: "router-0.mesh", port: 8081 }] },
      { addresses: [{ host: "::1", port: 8082 }] },
    ]);
  });
});

import { createServer } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { ContractService } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { afterEach, describe, expect, it } from "vitest";
import { asCaller } from "./call-context.ts";
import { createMeshClient } from "./client.ts";
import { readError } from "./error-details.ts";
import { KEY } from "./fixtures/contract-service.ts";
import { type EchoServer, startEchoServer } from "./fixtures/echo-server.ts";
import { failureOf } from "./fixtures/requests.ts";
import { createGrpcTransport } from "./grpc-transport.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(name: string): Promise<EchoServer> {
  const server = await startEchoServer(name);
  cleanups.push(() => server[Symbol.asyncDispose]());
  return server;
}

function clientTo(address: string, options: { key?: string; maxMessageBytes?: number } = {}) {
  const transport = createGrpcTransport({ address, key: KEY, service: "test", ...options });
  cleanups.push(() => transport[Symbol.dispose]());
  return createMeshClient(ContractService, transport);
}

const call = (timeoutMs?: number) =>
  asCaller(LOCAL_CALLER, { signal: AbortSignal.timeout(10_000), timeoutMs });

describe("the gRPC client", () => {
  it("spreads calls over the replicas of an ipv4 list", async () => {
    const servers = [await serve("one"), await serve("two"), await serve("three")];
    const client = clientTo(`ipv4:${servers.map(({ address }) => address).join(",")}`);
    const counts = new Map<string, number>();
    for (let n = 0; n < 90; n++) {
      const { text } = await client.echo({}, call());
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["one", "three", "two"]);
    for (const count of counts.values()) expect(count).toBeGreaterThan(20);
  });

  it("repeats an idempotent call on another replica when one is unavailable", async () => {
    const [failing, good] = [await serve("failing"), await serve("good")];
    let tries = 0;
    failing.handle({
      echo: () => {
        tries++;
        throw new ConnectError("going down", Code.Unavailable);
      },
    });
    const client = clientTo(`ipv4:${failing.address},${good.address}`);
    // Whichever replica connects first answers alone for a while.
    for (let calls = 0; calls < 10 || tries === 0; calls++)
      expect((await client.echo({}, call())).text).toBe("good");
    expect(tries).toBeGreaterThan(0);
  });

  it("asks nobody else when a service says in words what it lacks", async () => {
    const server = await serve("one");
    let tries = 0;
    server.handle({
      echo: () => {
        tries++;
        throw new ForerunError("FR-E1709", "unavailable", "the store is away", "Try again later.");
      },
    });
    const error = readError(await failureOf(clientTo(`ipv4:${server.address}`).echo({}, call())));
    expect({ status: error.status, tries }).toEqual({ status: Code.Unavailable, tries: 1 });
  });

  it("stops repeating calls when most of them fail", async () => {
    const server = await serve("one");
    let tries = 0;
    server.handle({
      echo: () => {
        tries++;
        throw new ConnectError("going down", Code.Unavailable);
      },
    });
    const client = clientTo(`ipv4:${server.address}`);
    // By then the budget is spent.
    for (let round = 0; round < 5; round++)
      await Promise.all(Array.from({ length: 40 }, () => failureOf(client.echo({}, call()))));
    tries = 0;
    await Promise.all(Array.from({ length: 40 }, () => failureOf(client.echo({}, call()))));
    expect(tries).toBe(40);
  });

  it("never repeats a call that may have taken effect", async () => {
    const server = await serve("one");
    let tries = 0;
    server.handle({
      act: () => {
        tries++;
        throw new ConnectError("going down", Code.Unavailable);
      },
    });
    const client = clientTo(`ipv4:${server.address}`);
    expect(readError(await failureOf(client.act({}, call()))).status).toBe(Code.Unavailable);
    expect(tries).toBe(1);
  });

  it("never repeats a stream that has begun", async () => {
    const server = await serve("one");
    let tries = 0;
    server.handle({
      async *count() {
        tries++;
        yield { number: 1 };
        throw new ConnectError("going down", Code.Unavailable);
      },
    });
    const read = async () => {
      for await (const _ of clientTo(`ipv4:${server.address}`).count({}, call()));
    };
    expect(readError(await failureOf(read())).status).toBe(Code.Unavailable);
    expect(tries).toBe(1);
  });

  it("shows no address of a server it cannot reach", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => probe.once("listening", resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    const error = readError(await failureOf(clientTo(`ipv4:127.0.0.1:${port}`).echo({}, call())));
    expect(error).toMatchObject({ status: Code.Unavailable, message: "the service is unavailable" });
  });

  it("shows no address of a server that is too slow", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    cleanups.push(() => silent.close());
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    const error = readError(await failureOf(clientTo(`ipv4:127.0.0.1:${port}`).echo({}, call(50))));
    expect(error).toMatchObject({ status: Code.DeadlineExceeded, message: "the operation timed out" });
  });

  it("refuses a header that is not ASCII before the call starts, and lives on", async () => {
    const server = await serve("one");
    const client = clientTo(`ipv4:${server.address}`);
    const error = await failureOf(client.echo({}, { ...call(), headers: { "x-name": "Zoë" } }));
    expect(String(error)).toContain("x-name");
    expect((await client.echo({}, call())).text).toBe("one");
  });

  it("survives a handler that answers with a header that is not ASCII", async () => {
    const server = await serve("one");
    server.handle({
      echo: (_, ctx) => {
        ctx.responseHeader.set("x-name", "Zoë");
        return {};
      },
    });
    const client = clientTo(`ipv4:${server.address}`);
    expect(readError(await failureOf(client.echo({}, call()))).status).toBe(Code.Internal);
    server.handle({ echo: () => ({ text: "alive" }) });
    expect((await client.echo({}, call())).text).toBe("alive");
  });

  it("gets an error whose text is not well-formed", async () => {
    const server = await serve("one");
    server.handle({
      echo: () => {
        throw new ConnectError("half \ud83d a face", Code.Aborted);
      },
    });
    const error = readError(await failureOf(clientTo(`ipv4:${server.address}`).echo({}, call())));
    expect(error).toMatchObject({ status: Code.Aborted, message: "half \ufffd a face" });
  });

  it("is refused when it signs with another key", async () => {
    const server = await serve("one");
    const key = Buffer.alloc(32, 9).toString("base64");
    const error = readError(await failureOf(clientTo(`ipv4:${server.address}`, { key }).echo({}, call())));
    expect(error).toMatchObject({ status: Code.Unauthenticated, message: "invalid credentials" });
  });

  it.each([1, 10 * 1024 * 1024])(
    "learns from a server of smaller limit that %i bytes above it are too many",
    async (excess) => {
      const server = await serve("one");
      const client = clientTo(`ipv4:${server.address}`, { maxMessageBytes: 64 * 1024 * 1024 });
      const error = readError(
        await failureOf(client.echo({ data: new Uint8Array(4_194_304 + excess) }, call())),
      );
      expect(error.status).toBe(Code.ResourceExhausted);
    },
  );
});

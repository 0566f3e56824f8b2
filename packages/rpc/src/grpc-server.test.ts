import { connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { Code } from "@connectrpc/connect";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@forerun/contracts/grpc/health/v1/health_pb";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { ContractService } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asCaller } from "./call-context.ts";
import { createMeshClient } from "./client.ts";
import { deferred } from "./deferred.ts";
import { readError } from "./error-details.ts";
import { KEY } from "./fixtures/contract-service.ts";
import { type EchoServer, startEchoServer } from "./fixtures/echo-server.ts";
import { aborted, all, failureOf } from "./fixtures/requests.ts";
import { createGrpcTransport, type GrpcTransport } from "./grpc-transport.ts";

describe("a gRPC server", () => {
  let server: EchoServer;
  let transport: GrpcTransport;
  const call = () => asCaller(LOCAL_CALLER, { signal: AbortSignal.timeout(10_000) });
  const client = () => createMeshClient(ContractService, transport);
  const health = () => createMeshClient(Health, transport);

  beforeEach(async () => {
    server = await startEchoServer("one");
    transport = createGrpcTransport({ address: `ipv4:${server.address}`, key: KEY, service: "test" });
  });
  afterEach(async () => {
    transport[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  it.each(["", "forerun.testing.contract.v1.ContractService"])(
    "says of %j that it serves, to anybody",
    async (service) => {
      expect((await health().check({ service })).status).toBe(Status.SERVING);
    },
  );

  it("knows nothing of a service that it does not have", async () => {
    expect(readError(await failureOf(health().check({ service: "x.Y" }))).status).toBe(Code.NotFound);
    for await (const { status } of health().watch({ service: "x.Y" })) {
      expect(status).toBe(Status.SERVICE_UNKNOWN);
      break;
    }
  });

  it("lists the health of all its services", async () => {
    const { statuses } = await health().list({});
    expect(Object.keys(statuses).sort()).toEqual(["", "forerun.testing.contract.v1.ContractService"]);
  });

  it("tells watchers of its health when it drains, and ends their streams", async () => {
    const watching = all(health().watch({ service: "" }));
    await health().check({});
    await server.drain(5_000);
    expect((await watching).map(({ status }) => status)).toEqual([Status.SERVING, Status.NOT_SERVING]);
  });

  it("finishes what runs before it ends, and takes nothing new", async () => {
    const started = deferred<void>();
    const release = deferred<void>();
    server.handle({
      echo: async () => {
        started.resolve();
        await release.promise;
        return { text: "finished" };
      },
    });
    const running = client().echo({}, call());
    await started.promise;
    const drained = server.drain(5_000);
    while (await connects(server.address)) await new Promise(setImmediate);
    release.resolve();
    expect((await running).text).toBe("finished");
    await drained;
  });

  it("cuts what outlives the grace", async () => {
    const started = deferred<void>();
    server.handle({
      echo: async (_, ctx) => {
        started.resolve();
        await aborted(ctx.signal);
        return {};
      },
    });
    const running = failureOf(client().echo({}, call()));
    await started.promise;
    await server.drain(50);
    expect([Code.Unavailable, Code.Canceled, Code.Internal]).toContain(readError(await running).status);
  });

  it("ends though an idle HTTP/2 session stays open", async () => {
    const session = connect(`http://${server.address}`);
    session.on("error", () => {});
    await new Promise((resolve) => session.once("connect", resolve));
    await server.drain(100);
    await new Promise((resolve) => (session.closed ? resolve(undefined) : session.once("close", resolve)));
    expect(session.closed).toBe(true);
  });

  it("ends though a client reads nothing of its stream", async () => {
    server.handle({
      async *count(_, ctx) {
        while (!ctx.signal.aborted) yield { padding: new Uint8Array(65_536) };
      },
    });
    const stream = client().count({}, call())[Symbol.asyncIterator]();
    await stream.next();
    await server.drain(100);
    await expect(stream.return?.()).resolves.toMatchObject({ done: true });
  });

  it("drains once, however often it is told", async () => {
    const first = server.drain(5_000);
    expect(server.drain(0)).toBe(first);
    await first;
  });

  it("refuses a port that is taken, with the way out", async () => {
    const port = Number(server.address.split(":").at(-1));
    const error = await failureOf(startEchoServer("two", { port }));
    expect(error).toMatchObject({ code: "FR-E1001", fix: expect.stringContaining("GRPC_PORT") });
  });
});

/** Does a new connection to the address stand? */
function connects(address: string): Promise<boolean> {
  const [host, port] = address.split(":");
  return new Promise((resolve) => {
    const socket = connectTcp({ host: host ?? "", port: Number(port) });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

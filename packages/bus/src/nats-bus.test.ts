import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { freePort } from "@forerun/components/free-port";
import { type RunningNats, startNats } from "@forerun/components/nats";
import { skipWithout } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BusError } from "./bus.ts";
import type { BusEvent } from "./bus-event.ts";
import { busContract } from "./fixtures/bus-contract.ts";
import { firstOf, openNats, until } from "./fixtures/nats.ts";
import { subject } from "./subject.ts";

const NEVER = new AbortController().signal;
const ONE = new Uint8Array([1]);
const A = subject("a");

skipWithout("nats-server")("NATS", () => {
  let server: RunningNats;
  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  busContract("NATS", async () => [await openNats(server.url), await openNats(server.url)]);

  it("refuses a payload that is too large only with its headers", async () => {
    await using bus = await openNats(server.url);
    const largest = new Uint8Array(bus.maxPayloadBytes);
    bus.publish(A, largest);
    expect(() => bus.publish(A, largest, { headers: { a: "b" } })).toThrow(BusError);
  });

  it("counts a message whose headers break the protocol, and hears the next one", async () => {
    const events: BusEvent[] = [];
    await using bus = await openNats(server.url, (event) => events.push(event));
    const heard = await bus.subscribe(A, { signal: NEVER });
    const headers = "NATS/1.0\r\nb\u0000d name: x\r\n\r\n";
    const socket = connect(server.port, "127.0.0.1");
    socket.write(`CONNECT {"headers":true,"verbose":false}\r\n`);
    socket.write(`HPUB a ${headers.length} ${headers.length}\r\n${headers}\r\nPUB a 2\r\nok\r\n`);
    const message = await firstOf(heard);
    expect(new TextDecoder().decode(message?.data)).toBe("ok");
    expect(events).toContainEqual({ kind: "dropped", reason: "undecodable", on: "a" });
    socket.destroy();
  });
});

skipWithout("nats-server")("a bus whose broker comes and goes", () => {
  it("opens without a broker, says at once that nobody hears, and works once there is one", async () => {
    const port = await freePort();
    const events: BusEvent[] = [];
    await using bus = await openNats(`nats://127.0.0.1:${port}`, (event) => events.push(event));
    expect(events).toMatchObject([{ kind: "disconnected" }]);
    const heard = await bus.subscribe(A, { signal: NEVER });
    expect(await bus.request(A, ONE, { timeoutMs: 60_000, signal: NEVER })).toEqual({
      kind: "no_responders",
    });
    await using _server = await startNats({ port });
    await until(() => events.some(({ kind }) => kind === "connected"));
    bus.publish(A, ONE);
    expect((await firstOf(heard))?.subject).toBe("a");
  });

  it("comes back within 2 s, hears what it heard, and says that messages may be lost", async () => {
    const server = await startNats();
    const events: BusEvent[] = [];
    await using bus = await openNats(server.url, (event) => events.push(event));
    let losses = 0;
    const heard = await bus.subscribe(A, { signal: NEVER, lost: () => losses++ });
    server.process.kill("SIGKILL");
    await until(() => events.some(({ kind }) => kind === "disconnected"));
    bus.publish(A, new Uint8Array([7]), { reply: subject("inbox") });
    expect(events.at(-1)).toEqual({ kind: "dropped", reason: "disconnected", on: "a" });
    await using _again = await startNats({ port: server.port });
    const returned = performance.now();
    await until(() => events.at(-1)?.kind === "connected");
    expect(performance.now() - returned).toBeLessThan(2_000);
    expect(losses).toBe(1);
    bus.publish(A, ONE);
    expect((await firstOf(heard))?.data[0]).toBe(1);
  });

  it("leaves no socket open at a broker that accepts and says nothing, and finds it when it speaks", async () => {
    const accepted = new Set<Socket>();
    const silent = createServer((socket) => {
      accepted.add(socket.on("close", () => accepted.delete(socket)));
      socket.resume();
    }).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const events: BusEvent[] = [];
    await using _bus = await openNats(`nats://127.0.0.1:${port}`, (event) => events.push(event));
    expect(events).toMatchObject([{ kind: "disconnected", why: expect.stringContaining("abort") }]);
    await until(() => accepted.size === 0);
    silent.close();
    await using _server = await startNats({ port });
    await until(() => events.at(-1)?.kind === "connected");
  });

  it("is cut off when it does not read, comes back, and says so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "forerun-nats-"));
    const config = join(folder, "nats.conf");
    await writeFile(config, "max_payload: 65536\nmax_pending: 65536\n");
    await using server = await startNats({ config });
    const events: BusEvent[] = [];
    await using bus = await openNats(server.url, (event) => events.push(event));
    let losses = 0;
    await bus.subscribe(A, { signal: NEVER, lost: () => losses++ });
    blockWhileFlooded(server.port);
    await until(() => events.filter(({ kind }) => kind === "connected").length === 2);
    expect(losses).toBeGreaterThan(0);
    await rm(folder, { recursive: true });
  });
});

/** Publishes 64 MB from a thread while this one reads nothing. */
function blockWhileFlooded(port: number): void {
  const done = new SharedArrayBuffer(4);
  new Worker(
    `const { workerData } = require("node:worker_threads");
    const socket = require("node:net").connect(workerData.port, "127.0.0.1");
    const publication = "PUB a 65536\\r\\n" + "x".repeat(65536) + "\\r\\n";
    socket.write('CONNECT {"verbose":false}\\r\\n' + publication.repeat(1024) + "PING\\r\\n");
    socket.on("data", (data) => {
      if (!data.includes("PONG")) return;
      const done = new Int32Array(workerData.done);
      Atomics.store(done, 0, 1);
      Atomics.notify(done, 0);
      socket.destroy();
    });`,
    { eval: true, workerData: { port, done } },
  );
  Atomics.wait(new Int32Array(done), 0, 0, 20_000);
}

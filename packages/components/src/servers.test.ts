import { once } from "node:events";
import { connect, createServer } from "node:net";
import { skipWithout } from "@forerun/testing/skip-without";
import { expect, it } from "vitest";
import { startNats } from "./nats.ts";
import { startRedis } from "./redis.ts";
import { startToxiproxy } from "./toxiproxy.ts";

/** What the server at a port says first, or in answer to `ask`. */
async function firstWords(port: number, ask = ""): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    if (ask) socket.write(ask);
    const [data] = (await once(socket, "data")) as [Buffer];
    return data.toString();
  } finally {
    socket.destroy();
  }
}

skipWithout("nats-server")("a nats-server", () => {
  it("serves once it is started, comes back where it was, and is gone when disposed of", async () => {
    const first = await startNats();
    expect(await firstWords(first.port)).toMatch(/^INFO /);
    await first[Symbol.asyncDispose]();
    await expect(firstWords(first.port)).rejects.toThrow("ECONNREFUSED");
    await using again = await startNats({ port: first.port });
    expect(await firstWords(again.port)).toMatch(/^INFO /);
  });

  it("is blamed with what it logged when it does not start", async () => {
    await expect(startNats({ config: "/no/such/file" })).rejects.toThrow("no such file");
  });
});

skipWithout("redis-server")("a Redis", () => {
  it("serves once it is started, and stops even when it was frozen", async () => {
    const redis = await startRedis();
    expect(await firstWords(redis.port, "PING\r\n")).toBe("+PONG\r\n");
    redis.process.kill("SIGSTOP");
    await redis[Symbol.asyncDispose]();
    await expect(firstWords(redis.port)).rejects.toThrow("ECONNREFUSED");
  });
});

skipWithout("toxiproxy")("a Toxiproxy", () => {
  it("lets a connection through, cuts it, and lets it through again", async () => {
    await using toxiproxy = await startToxiproxy();
    const upstream = createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1");
    await once(upstream, "listening");
    try {
      const proxy = await toxiproxy.proxy((upstream.address() as { port: number }).port);
      expect(await firstWords(proxy.port)).toBe("hello");
      await proxy.cut();
      await expect(firstWords(proxy.port)).rejects.toThrow("ECONNREFUSED");
      await proxy.restore();
      expect(await firstWords(proxy.port)).toBe("hello");
    } finally {
      upstream.close();
    }
  });
});

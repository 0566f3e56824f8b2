import { Agent, get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HttpServer, serveHttp } from "./server.ts";

describe("an HTTP server that drains", () => {
  let server: HttpServer;
  let agent: Agent;
  /** Ends the response of /slow. */
  let release: () => void;
  let arrived: Promise<void>;

  beforeEach(async () => {
    let arrive = () => {};
    arrived = new Promise((resolve) => {
      arrive = resolve;
    });
    server = await serveHttp(
      (request, response) => {
        if (request.url !== "/slow") return void response.end("quick");
        release = () => void response.end(" and slow");
        response.write("early");
        arrive();
      },
      { host: "127.0.0.1", port: 0 },
    );
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });
  afterEach(async () => {
    agent.destroy();
    await server[Symbol.asyncDispose]();
  });

  const request = (path: string, by = agent) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      get(`${server.url}${path}`, { agent: by }, resolve).on("error", reject);
    });

  it("asks its clients to connect anew, while it still answers them", async () => {
    expect((await request("/")).resume().headers.connection).toBe("keep-alive");
    const drained = server.drain(5_000, 5_000);
    const answer = await request("/");
    expect([answer.headers.connection, await text(answer)]).toEqual(["close", "quick"]);
    agent.destroy();
    await server[Symbol.asyncDispose]();
    await drained;
  });

  it("lets a response end that has begun, and closes its connection afterwards", async () => {
    const slow = await request("/slow");
    await arrived;
    const drained = server.drain(0, 30_000);
    release();
    expect(await text(slow)).toBe("early and slow");
    // Far below the grace, and below the time that an idle connection may stay.
    await drained;
    await expect(request("/", new Agent())).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("cuts off what outlives the grace", async () => {
    const slow = await request("/slow");
    await arrived;
    await server.drain(0, 10);
    await expect(text(slow)).rejects.toThrow("aborted");
  });
});

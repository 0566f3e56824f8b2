import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { freePort } from "@forerun/components/free-port";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { describe, expect, it } from "vitest";
import { choosePorts, isFree } from "./choose-ports.ts";
import { portHolder } from "./port-holder.ts";

/** Holds a free port of this machine while the test runs. */
async function hold(port = 0): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

/** Any free port, for those a test is not about. */
const FREE = { PORT: "0", GRPC_PORT: "0", METRICS_ADDR: "127.0.0.1:0" };

describe("ports", () => {
  it("are known to be free or taken, and by whom", async () => {
    await using held = await hold();
    expect(await isFree("127.0.0.1", held.port)).toBe(false);
    if (process.platform === "linux") expect(portHolder(held.port)?.pid).toBe(process.pid);
  });

  it("keep what a person chose while it is free", async () => {
    const port = await freePort();
    const chosen = await choosePorts({ ...FREE, PORT: String(port) }, () => {});
    expect(chosen.PORT).toBe(String(port));
  });

  it("that a person chose and that are taken are an error with holder and fix", async () => {
    await using held = await hold();
    const choosing = choosePorts({ ...FREE, GRPC_PORT: String(held.port) }, () => {});
    await expect(choosing).rejects.toMatchObject({
      code: "FR-E1001",
      message: expect.stringContaining(`port ${held.port} is taken by`),
      fix: expect.stringContaining("GRPC_PORT"),
    });
  });

  it("that move on leave the defaults of the others alone", async () => {
    const fallback = ENVIRONMENT.shape.PORT.parse(undefined);
    await using _held = (await isFree("127.0.0.1", fallback)) ? await hold(fallback) : undefined;
    const { PORT: _unset, ...others } = FREE;
    const next = String(fallback + 1);
    const chosen = await choosePorts({ ...others, METRICS_ADDR: `127.0.0.1:${next}` }, () => {}).catch(
      (taken: Error) => taken,
    );
    // Another program may hold that port on this machine; then it is no candidate anyway.
    if (chosen instanceof Error) expect(chosen.message).toContain(`port ${next} is taken`);
    else expect(chosen.PORT).not.toBe(next);
  });

  it("that a person chose twice are an error that names the other setting", async () => {
    const port = await freePort();
    const both = { ...FREE, PORT: String(port), GRPC_PORT: String(port) };
    await expect(choosePorts(both, () => {})).rejects.toMatchObject({
      message: `port ${port} is taken by PORT`,
    });
  });

  it("move on from a taken default and say who holds it", async () => {
    const fallback = ENVIRONMENT.shape.PORT.parse(undefined);
    await using _held = (await isFree("127.0.0.1", fallback)) ? await hold(fallback) : undefined;
    const said: string[] = [];
    const { PORT: _unset, ...others } = FREE;
    const chosen = await choosePorts(others, (line) => said.push(line));
    expect(Number(chosen.PORT)).toBeGreaterThan(fallback);
    expect(said).toEqual([
      expect.stringMatching(new RegExp(`^port ${fallback} is taken by .+: using ${chosen.PORT}`)),
    ]);
  });
});

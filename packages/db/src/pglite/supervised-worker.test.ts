import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { SupervisedWorker } from "./supervised-worker.ts";

const OBEDIENT = `
  const { parentPort } = require("node:worker_threads");
  parentPort.postMessage("ready");
  parentPort.once("message", () => { parentPort.postMessage("done"); parentPort.close(); });`;

/** Runs the thread until it dies; resolves with what was reported. */
function deathOf(code: string): Promise<Error> {
  return new Promise((resolve) => {
    new SupervisedWorker(new Worker(code, { eval: true }), resolve);
  });
}

describe("the store's thread", () => {
  it("is heard, and stops when it is told, which is no death", async () => {
    const deaths: Error[] = [];
    const worker = new SupervisedWorker(new Worker(OBEDIENT, { eval: true }), (error) => deaths.push(error));
    await worker.heard("ready");
    await worker.stop();
    await worker.stop();
    expect(deaths).toEqual([]);
  });

  it("reports its death once, whether it throws or ends", async () => {
    expect((await deathOf("process.exit(3)")).message).toBe("the store's thread ended with code 3");
    expect((await deathOf("setImmediate(() => { throw new RangeError('trap') })")).message).toBe("trap");
  });

  it("tells who waits for an answer that none will come, before and after", async () => {
    const worker = new SupervisedWorker(new Worker("process.exit(4)", { eval: true }), () => {});
    await expect(worker.heard("ready")).rejects.toThrow("code 4");
    await expect(worker.heard("ready")).rejects.toThrow("code 4");
    await worker.stop();
  });
});

import { describe, expect, it } from "vitest";
import { PriorityGate } from "./priority-gate.ts";

function held(): { task: () => Promise<void>; release: () => void } {
  let release = () => {};
  const done = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { task: () => done, release };
}

describe("the gate to the store", () => {
  it("lets no more tasks in than it is wide", async () => {
    const gate = new PriorityGate(2, 1000);
    let inside = 0;
    let most = 0;
    const task = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await Promise.resolve();
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => gate.run(index % 3 === 0, task)));
    expect(most).toBe(2);
    expect(gate.idle(2)).toBe(true);
  });

  it("takes the urgent first, each kind in order of arrival", async () => {
    const gate = new PriorityGate(1, 1000);
    const first = held();
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    const all = [
      gate.run(false, first.task),
      gate.run(false, note("ordinary 1")),
      gate.run(true, note("urgent 1")),
      gate.run(false, note("ordinary 2")),
      gate.run(true, note("urgent 2")),
    ];
    first.release();
    await Promise.all(all);
    expect(order).toEqual(["urgent 1", "urgent 2", "ordinary 1", "ordinary 2"]);
  });

  it("refuses who waited too long, and goes on", async () => {
    const gate = new PriorityGate(1, 10);
    const first = held();
    const running = gate.run(false, first.task);
    await expect(gate.run(true, async () => "late")).rejects.toMatchObject({
      code: "FR-E1105",
      status: "unavailable",
      retryAfterMs: 1000,
    });
    first.release();
    await running;
    expect(await gate.run(false, async () => "next")).toBe("next");
  });

  it("stays open after a task that failed", async () => {
    const gate = new PriorityGate(1, 1000);
    await expect(gate.run(false, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await gate.run(false, async () => 1)).toBe(1);
  });
});

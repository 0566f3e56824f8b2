import { describe, expect, it } from "vitest";
import { failureOf } from "./fixtures/requests.ts";
import { MessageQueue } from "./message-queue.ts";

describe("a message queue", () => {
  it("gives what is pushed, in order, then the end", async () => {
    const queue = new MessageQueue<number>(10);
    void queue.push(1);
    void queue.push(2);
    queue.end();
    const received: number[] = [];
    for await (const item of queue) received.push(item);
    expect(received).toEqual([1, 2]);
  });

  it("asks its producer to wait when it is full, until there is room", async () => {
    const queue = new MessageQueue<string>(100);
    expect(queue.push("small", 60)).toBeUndefined();
    const room = queue.push("large", 60);
    expect(room).toBeInstanceOf(Promise);
    await queue.next();
    await expect(room).resolves.toBeUndefined();
  });

  it("fails at once, or after what is queued, as its producer says", async () => {
    const now = new MessageQueue<number>(10);
    void now.push(1);
    now.fail(new Error("cut"));
    expect(await failureOf(now.next())).toEqual(new Error("cut"));
    const queued = new MessageQueue<number>(10);
    void queued.push(1);
    queued.fail(new Error("cut"), "queued");
    expect(await queued.next()).toEqual({ done: false, value: 1 });
    expect(await failureOf(queued.next())).toEqual(new Error("cut"));
  });

  it("lets its producer go on when it ends while full", async () => {
    const queue = new MessageQueue<number>(1);
    const room = queue.push(1);
    queue.fail(new Error("cut"));
    await expect(room).resolves.toBeUndefined();
    expect(queue.push(2)).toBeUndefined();
  });

  it("keeps its first ending", async () => {
    const queue = new MessageQueue<number>(1);
    queue.end();
    queue.fail(new Error("late"));
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });
});

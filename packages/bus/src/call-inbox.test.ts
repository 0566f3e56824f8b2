import { describe, expect, it } from "vitest";
import type { Bus, BusMessage } from "./bus.ts";
import { CALL_ID_HEADER } from "./call-headers.ts";
import { CallInbox } from "./call-inbox.ts";
import { InProcessBus } from "./in-process-bus.ts";
import { subjectsOf } from "./subjects.ts";

const SUBJECTS = subjectsOf({ env: "dev", lane: "default" });
const NEVER = new AbortController().signal;

function published(turnId: string, callId: string) {
  return { turnId, callId, to: SUBJECTS.toolCall("clock"), data: new Uint8Array([1]), headers: {} };
}

async function first(answers: AsyncIterable<BusMessage>): Promise<BusMessage | undefined> {
  for await (const message of answers) return message;
  return undefined;
}

/** Answers each call with the number of the call it is. */
async function serve(bus: Bus): Promise<void> {
  let served = 0;
  for await (const { reply, headers } of await bus.subscribe(SUBJECTS.toolCalls, {
    signal: NEVER,
    queue: "executors",
  })) {
    served += 1;
    const callId = headers[CALL_ID_HEADER] ?? "";
    if (reply) bus.publish(reply, new Uint8Array([served]), { headers: { [CALL_ID_HEADER]: callId } });
  }
}

describe("an inbox of calls", () => {
  it("tells the answers of all turns and calls apart on one subscription", async () => {
    await using bus = new InProcessBus();
    void serve(bus);
    using inbox = await CallInbox.open(bus, SUBJECTS);
    const calls = [published("t1", "c1"), published("t1", "c2"), published("t2", "c1")];
    const answers = await Promise.all(calls.map((call) => first(inbox.call(call, NEVER))));
    expect(answers.map((message) => message?.data[0])).toEqual([1, 2, 3]);
  });

  it("hears that nobody takes a call", async () => {
    await using bus = new InProcessBus();
    using inbox = await CallInbox.open(bus, SUBJECTS);
    const [one, other] = await Promise.all([
      first(inbox.call(published("t1", "c1"), NEVER)),
      first(inbox.call(published("t1", "c2"), NEVER)),
    ]);
    expect([one?.noResponders, other?.noResponders]).toEqual([true, true]);
  });

  it("gives no more answers of a call whose signal has aborted", async () => {
    await using bus = new InProcessBus();
    await bus.subscribe(SUBJECTS.toolCalls, { signal: NEVER });
    using inbox = await CallInbox.open(bus, SUBJECTS);
    const stop = new AbortController();
    const reading = first(inbox.call(published("t1", "c1"), stop.signal));
    stop.abort();
    expect(await reading).toBeUndefined();
  });

  it("ends its readers when it is closed", async () => {
    await using bus = new InProcessBus();
    await bus.subscribe(SUBJECTS.toolCalls, { signal: NEVER });
    const inbox = await CallInbox.open(bus, SUBJECTS);
    const reading = first(inbox.call(published("t1", "c1"), NEVER));
    inbox[Symbol.dispose]();
    expect(await reading).toBeUndefined();
  });
});

import { describe, expect, it, vi } from "vitest";
import type { Bus } from "./bus.ts";
import { CALL_ID_HEADER } from "./call-headers.ts";
import { type CallAnswer, CallInbox } from "./call-inbox.ts";
import { InProcessBus } from "./in-process-bus.ts";
import { subjectsOf } from "./subjects.ts";

const SUBJECTS = subjectsOf({ env: "dev", lane: "default" });
const NEVER = new AbortController().signal;

function published(turnId: string, callId: string) {
  return { turnId, callId, to: SUBJECTS.toolCall("clock"), data: new Uint8Array([1]), headers: {} };
}

async function first(answers: AsyncIterable<CallAnswer>): Promise<CallAnswer | undefined> {
  for await (const answer of answers) return answer;
  return undefined;
}

async function all(answers: AsyncIterable<CallAnswer>): Promise<CallAnswer[]> {
  const read: CallAnswer[] = [];
  for await (const answer of answers) read.push(answer);
  return read;
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
    expect(answers.map((answer) => answer?.kind === "message" && answer.message.data[0])).toEqual([1, 2, 3]);
  });

  it("hears that nobody takes a call", async () => {
    await using bus = new InProcessBus();
    using inbox = await CallInbox.open(bus, SUBJECTS);
    const [one, other] = await Promise.all([
      first(inbox.call(published("t1", "c1"), NEVER)),
      first(inbox.call(published("t1", "c2"), NEVER)),
    ]);
    expect([one?.kind, other?.kind]).toEqual(["no_responders", "no_responders"]);
  });

  it("takes what is said of one call for that one, where the bus says where it went", async () => {
    await using bus = new InProcessBus();
    const taken = await bus.subscribe(SUBJECTS.toolCall("clock"), { signal: NEVER });
    using inbox = await CallInbox.open(bus, SUBJECTS);
    const heard = first(inbox.call(published("t1", "c1"), NEVER));
    const unheard = first(inbox.call({ ...published("t1", "c2"), to: SUBJECTS.toolCall("nobody") }, NEVER));
    expect(await unheard).toEqual({ kind: "no_responders" });
    for await (const { reply, data, headers } of taken) {
      if (reply) bus.publish(reply, data, { headers });
      break;
    }
    expect(await heard).toMatchObject({ kind: "message" });
  });

  it("says that nobody has taken a call, and that whoever took it has gone silent", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      await using bus = new InProcessBus();
      const taken = await bus.subscribe(SUBJECTS.toolCalls, { signal: NEVER });
      using inbox = await CallInbox.open(bus, SUBJECTS);
      const ignored = first(inbox.call(published("t1", "c1"), NEVER));
      await vi.advanceTimersByTimeAsync(1_200);
      expect(await ignored).toEqual({ kind: "not_taken" });
      const begun = inbox.call(published("t1", "c2"), NEVER);
      const sign = all(begun);
      for await (const { reply, data, headers } of taken)
        if (headers[CALL_ID_HEADER] === "c2" && reply) {
          bus.publish(reply, data, { headers: { [CALL_ID_HEADER]: "c2" } });
          break;
        }
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await sign).toMatchObject([{ kind: "message" }, { kind: "silent" }]);
    } finally {
      vi.useRealTimers();
    }
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

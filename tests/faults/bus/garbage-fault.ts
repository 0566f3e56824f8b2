import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { CALL_ID_HEADER } from "@forerun/bus/call-headers";
import type { Subject } from "@forerun/bus/subject";
import { startNats } from "@forerun/components/nats";
import { tool } from "@forerun/tool-executor/fixtures/domain";
import { type BusEnds, openBusEnds } from "../../support/bus-ends.ts";
import type { Fault } from "../fault.ts";

/** Messages on each subject of a round, in how many parts, and how many of them go out every few milliseconds. */
const MESSAGES = 10_000;
const SLICES = 20;
const BATCH = 20;
const PAUSE_MS = 10;
/** Good calls at one time, and what each takes by itself. */
const CALLS = 8;
const CALL_MS = 20;
/** How much later the slowest in twenty good calls may end, in half of the rounds: a busy machine makes one round anything. */
const MOST_SLOWER = 1.2;

/** Good calls alone, and then beside messages that nobody can read on every subject that calls take. */
export const garbageFault: Fault = {
  title: "messages that nobody can read, on the subjects of calls, answers, cancels and commits",
  async run(times, say) {
    const violations: string[] = [];
    const rows: Record<string, string | number>[] = [];
    const slower: number[] = [];
    for (let round = 1; round <= times; round += 1) {
      const { faults, ...row } = await besetOnce();
      rows.push({ round, ...row });
      violations.push(...faults.map((fault) => `round ${round}: ${fault}`));
      slower.push(row.p95BesideMs / row.p95AloneMs);
      say(`round ${round}: ${violations.length} violations so far`);
    }
    const typical = slower.toSorted((left, right) => left - right)[slower.length >> 1] ?? 0;
    if (typical > MOST_SLOWER) violations.push(`p95 of good calls: ${typical.toFixed(2)} times as long`);
    return { rows, violations };
  },
};

async function besetOnce() {
  await using server = await startNats();
  const never = tool({ name: "never", effect: "read", timeoutMs: 120_000, run: () => new Promise(() => {}) });
  const good = tool({ name: "good", effect: "read", run: async () => wait(CALL_MS, {}) });
  await using ends = await openBusEnds({ chat: server.url, executor: server.url }, never, good);
  const inbox = await inboxOfHeldCall(ends);
  const [alone, beside] = [new GoodCalls(ends), new GoodCalls(ends)];
  // In turn, so that a busy machine slows both alike.
  for (let slice = 0; slice < SLICES; slice += 1) {
    await alone.during(pacing(() => {}));
    await beside.during(pacing(() => sendGarbage(ends, inbox)));
  }
  const events = [...ends.chat.events, ...ends.executor.events];
  const counted = events.filter(({ kind }) => kind === "dropped").length;
  const bad = 4 * MESSAGES;
  const faults = [
    ...(beside.failed > 0 ? [`${beside.failed} good calls failed`] : []),
    ...(counted === bad ? [] : [`${counted} of ${bad} bad messages were counted`]),
  ];
  const { calls, failed, p95 } = beside;
  return { bad, counted, calls, failed, p95AloneMs: alone.p95, p95BesideMs: p95, faults };
}

/** A call that goes on for as long as this lasts, so that what comes to its inbox has a reader. */
async function inboxOfHeldCall({ chat: { bus, subjects }, call }: BusEnds): Promise<Subject> {
  const { signal } = new AbortController();
  const overheard = await bus.subscribe(subjects.toolCalls, { signal });
  void call("never", "held").catch(() => {});
  for await (const { reply } of overheard) if (reply) return reply;
  throw new Error("the call was not heard");
}

function sendGarbage({ chat: { bus, subjects } }: BusEnds, inbox: Subject): void {
  const garbage = new Uint8Array([0xff, 0xff, 0xff, 0xff]);
  bus.publish(subjects.toolCall("good"), garbage, { reply: inbox });
  bus.publish(subjects.cancel, garbage);
  bus.publish(subjects.commit, garbage);
  bus.publish(inbox, garbage, { headers: { [CALL_ID_HEADER]: "held" } });
}

/** Does something as often as there are messages in a slice, in the slice's time. */
async function pacing(act: () => void): Promise<void> {
  for (let at = 0; at < MESSAGES / SLICES; at += BATCH) {
    for (let one = 0; one < BATCH; one += 1) act();
    await wait(PAUSE_MS);
  }
}

/** Good calls side by side, for as long as something else goes on. */
class GoodCalls {
  readonly #ends: BusEnds;
  readonly #took: number[] = [];
  failed = 0;

  constructor(ends: BusEnds) {
    this.#ends = ends;
  }

  get calls(): number {
    return this.#took.length + this.failed;
  }

  get p95(): number {
    const sorted = this.#took.toSorted((left, right) => left - right);
    return Number((sorted[Math.floor(sorted.length * 0.95)] ?? 0).toFixed(1));
  }

  async during(other: Promise<void>): Promise<void> {
    let over = false;
    const loop = async () => {
      while (!over) await this.#one();
    };
    const loops = Array.from({ length: CALLS }, loop);
    await other;
    over = true;
    await Promise.all(loops);
  }

  async #one(): Promise<void> {
    const start = performance.now();
    const end = await this.#ends.call("good", randomUUID());
    if (end?.kind === "result") this.#took.push(performance.now() - start);
    else this.failed += 1;
  }
}

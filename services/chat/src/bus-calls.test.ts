import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { BusEvent } from "@forerun/bus/bus-event";
import { CALL_ID_HEADER, CALLER_HEADER, EXECUTORS, REMAINING_HEADER } from "@forerun/bus/call-headers";
import { CallInbox } from "@forerun/bus/call-inbox";
import { InProcessBus } from "@forerun/bus/in-process-bus";
import { subjectsOf } from "@forerun/bus/subjects";
import {
  CancelRequestSchema,
  CommitRequestSchema,
  DeclineReason,
  ExecuteRequestSchema,
  ExecuteResponseSchema,
} from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentBusSignals } from "@forerun/telemetry/bus-signals";
import { describe, expect, it } from "vitest";
import { createCollaborators, type ServiceClients } from "./clients.ts";
import { call } from "./fixtures/driven-turn.ts";

const SUBJECTS = subjectsOf({ env: "dev", lane: "default" });
const NEVER = new AbortController().signal;
const RESULT = { case: "result" as const, value: { rendered: "one" } };

type Answer = MessageInitShape<typeof ExecuteResponseSchema>["event"];

function bytesOf(event: Answer): Uint8Array {
  return toBinary(
    ExecuteResponseSchema,
    create(ExecuteResponseSchema, { event: event ?? { case: undefined } }),
  );
}

/** Chat's end of a bus, with an executor that takes calls and keeps them open, and one that is reached directly. */
async function openCalls({ listening = true } = {}) {
  const resources = new DisposalStack();
  const bus = resources.use(new InProcessBus());
  const inbox = resources.use(await CallInbox.open(bus, SUBJECTS));
  const taken = listening
    ? await bus.subscribe(SUBJECTS.toolCalls, { queue: EXECUTORS, signal: NEVER })
    : undefined;
  const cancels = await bus.subscribe(SUBJECTS.cancel, { signal: NEVER });
  const directly: string[] = [];
  const events: BusEvent[] = [];
  const tools = {
    async *execute({ call: one, attempt }: { call: { callId: string }; attempt: number }) {
      directly.push(`${one.callId} try ${attempt}`);
      yield create(ExecuteResponseSchema, { event: RESULT });
    },
  };
  const sign = () => "claim";
  const clients = { tools } as unknown as ServiceClients;
  const { execute, commit } = createCollaborators(clients, {
    bus,
    subjects: SUBJECTS,
    observe: (event) => events.push(event),
    inbox,
    sign,
    signals: silentBusSignals,
  });
  const next = async () => {
    for await (const message of taken ?? []) return message;
    throw new Error("no call came");
  };
  const answerWith = async (...answers: Uint8Array[]) => {
    const message = await next();
    const headers = { [CALL_ID_HEADER]: message.headers[CALL_ID_HEADER] ?? "" };
    for (const data of answers) if (message.reply) bus.publish(message.reply, data, { headers });
    return message;
  };
  const answer = (event: Answer) => answerWith(bytesOf(event));
  const cancelled = async () => {
    for await (const { data } of cancels) return fromBinary(CancelRequestSchema, data);
    throw new Error("nothing was cancelled");
  };
  const deadline = new Date(Date.now() + 5_000);
  const early = (signal = NEVER, of = call("c1", { n: 1 })) =>
    execute(of, "t1", { caller: LOCAL_CALLER, trace: "00-trace", deadline, signal }, true);
  return {
    bus,
    commit,
    early,
    answer,
    answerWith,
    events,
    cancelled,
    directly,
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

describe("an early call over the bus", () => {
  it("says what is to run, for whom and how long, and brings the result", async () => {
    await using calls = await openCalls();
    const [steps, message] = await Promise.all([all(calls.early()), calls.answer(RESULT)]);
    expect(steps).toMatchObject([{ kind: "result", rendered: "one" }]);
    expect(message.subject).toBe("fr.dev.default.tool.calculator.call");
    expect(message.headers).toMatchObject({ [CALLER_HEADER]: "claim", traceparent: "00-trace" });
    expect(Number(message.headers[REMAINING_HEADER])).toBeGreaterThan(0);
    const { turnId, early, call: one } = fromBinary(ExecuteRequestSchema, message.data);
    expect([turnId, early, one?.callId, one?.arguments]).toEqual(["t1", true, "c1", { n: 1 }]);
    expect(calls.directly).toEqual([]);
  });

  it("goes to the executor directly when nobody hears it", async () => {
    await using calls = await openCalls({ listening: false });
    expect(await all(calls.early())).toMatchObject([{ kind: "result" }]);
    expect(calls.directly).toEqual(["c1 try 1"]);
  });

  it("goes to the executor directly when it is declined, or too large for the bus", async () => {
    await using calls = await openCalls();
    const declined = { case: "declined" as const, value: { reason: DeclineReason.BUSY } };
    const [steps] = await Promise.all([all(calls.early()), calls.answer(declined)]);
    expect(steps).toMatchObject([{ kind: "result" }]);
    const large = call("c2", { text: "x".repeat(calls.bus.maxPayloadBytes) });
    expect(await all(calls.early(NEVER, large))).toMatchObject([{ kind: "result" }]);
    expect(calls.directly).toEqual(["c1 try 1", "c2 try 1"]);
  });

  it("is stopped and made again, as its next try, when whoever took it goes silent", async () => {
    await using calls = await openCalls();
    const steps = all(calls.early());
    await calls.answer({ case: "accepted", value: {} });
    expect(await calls.cancelled()).toMatchObject({ turnId: "t1", callId: "c1", attempt: 1 });
    expect(await steps).toMatchObject([{ kind: "accepted" }, { kind: "result", rendered: "one" }]);
    expect(calls.directly).toEqual(["c1 try 2"]);
  });

  it("goes on over answers that cannot be read, and counts them", async () => {
    await using calls = await openCalls();
    const steps = all(calls.early());
    await calls.answerWith(new Uint8Array([0xff, 0xff]), bytesOf(RESULT));
    expect(await steps).toMatchObject([{ kind: "result" }]);
    expect(calls.events).toMatchObject([{ kind: "dropped", reason: "undecodable" }]);
    expect(calls.directly).toEqual([]);
  });

  it("is cancelled by its id when it is stopped", async () => {
    await using calls = await openCalls();
    const stop = new AbortController();
    const steps = all(calls.early(stop.signal));
    await calls.answer({ case: "accepted", value: {} });
    stop.abort(new Error("not wanted"));
    expect(await calls.cancelled()).toMatchObject({ turnId: "t1", callId: "c1" });
    await expect(steps).rejects.toThrow("not wanted");
  });

  it("is cancelled when its reader leaves", async () => {
    await using calls = await openCalls();
    const reading = (async () => {
      for await (const _ of calls.early()) break;
    })();
    await calls.answer({ case: "accepted", value: {} });
    await reading;
    expect(await calls.cancelled()).toMatchObject({ turnId: "t1", callId: "c1" });
  });
});

describe("a commit over the bus", () => {
  it("reaches every executor, with who commits", async () => {
    await using calls = await openCalls();
    const commits = await calls.bus.subscribe(SUBJECTS.commit, { signal: NEVER });
    await calls.commit("t1", ["c1", "c2"], {
      caller: LOCAL_CALLER,
      trace: undefined,
      deadline: new Date(),
      signal: NEVER,
    });
    for await (const { data, headers } of commits) {
      expect(fromBinary(CommitRequestSchema, data)).toMatchObject({ turnId: "t1", callIds: ["c1", "c2"] });
      expect(headers).toMatchObject({ [CALLER_HEADER]: "claim" });
      break;
    }
  });
});

async function all<T>(steps: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const step of steps) read.push(step);
  return read;
}

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { CALL_ID_HEADER, CALLER_HEADER, EXECUTORS, REMAINING_HEADER } from "@forerun/bus/call-headers";
import { CallInbox } from "@forerun/bus/call-inbox";
import { InProcessBus } from "@forerun/bus/in-process-bus";
import { subjectsOf } from "@forerun/bus/subjects";
import {
  CancelRequestSchema,
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
  const tools = {
    async *execute({ call: one }: { call: { callId: string } }) {
      directly.push(one.callId);
      yield create(ExecuteResponseSchema, { event: RESULT });
    },
  };
  const sign = () => "claim";
  const clients = { tools } as unknown as ServiceClients;
  const { execute } = createCollaborators(clients, {
    bus,
    subjects: SUBJECTS,
    inbox,
    sign,
    signals: silentBusSignals,
  });
  const next = async () => {
    for await (const message of taken ?? []) return message;
    throw new Error("no call came");
  };
  const answer = async (event: typeof RESULT | { case: "accepted"; value: object }) => {
    const message = await next();
    const data = toBinary(ExecuteResponseSchema, create(ExecuteResponseSchema, { event }));
    const headers = { [CALL_ID_HEADER]: message.headers[CALL_ID_HEADER] ?? "" };
    if (message.reply) bus.publish(message.reply, data, { headers });
    return message;
  };
  const cancelled = async () => {
    for await (const { data } of cancels) return fromBinary(CancelRequestSchema, data);
    throw new Error("nothing was cancelled");
  };
  const early = (signal = NEVER) => {
    const scope = { caller: LOCAL_CALLER, trace: "00-trace", deadline: new Date(Date.now() + 5_000), signal };
    return execute(call("c1", { n: 1 }), "t1", scope, true);
  };
  return {
    early,
    answer,
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
    expect(calls.directly).toEqual(["c1"]);
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

async function all<T>(steps: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const step of steps) read.push(step);
  return read;
}

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { BusEvent } from "@forerun/bus/bus-event";
import { CALL_ID_HEADER, CALLER_HEADER, REMAINING_HEADER } from "@forerun/bus/call-headers";
import { CallInbox } from "@forerun/bus/call-inbox";
import { InProcessBus } from "@forerun/bus/in-process-bus";
import type { Subject } from "@forerun/bus/subject";
import { subjectsOf } from "@forerun/bus/subjects";
import {
  CancelRequestSchema,
  ExecuteRequestSchema,
  type ExecuteResponse,
  ExecuteResponseSchema,
} from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { claimSigner, claimVerifier } from "@forerun/rpc/claim";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import { silentBusSignals } from "@forerun/telemetry/bus-signals";
import type { Tool } from "@forerun/toolkit";
import { describe, expect, it } from "vitest";
import { takeBusCalls } from "./bus-calls-wire.ts";
import { deferred } from "./fixtures/deferred.ts";
import { executorWith, never, tool } from "./fixtures/domain.ts";

const SUBJECTS = subjectsOf({ env: "dev", lane: "default" });
const KEY = Buffer.alloc(32, 1).toString("base64");

async function takingCalls(...tools: Tool[]) {
  const resources = new DisposalStack();
  const bus = resources.use(new InProcessBus());
  const { executor } = executorWith(...tools);
  const events: BusEvent[] = [];
  const hop = { verify: claimVerifier(KEY), signals: silentBusSignals };
  const observe = (event: BusEvent) => void events.push(event);
  const deps = { bus, subjects: SUBJECTS, observe, ...hop, executor, log: silentLogger };
  const taking = resources.use(await takeBusCalls(deps));
  const inbox = resources.use(await CallInbox.open(bus, SUBJECTS));
  const claim = await claimSigner(KEY, "chat")(LOCAL_CALLER);
  /** What happens to a call, in words; signs of life only where they are asked for. */
  const call = async (
    name: string,
    headers: Record<string, string> = { [CALLER_HEADER]: claim },
    { turnId = "t1", callId = "c1", early = true, attempt = 1, signs = false } = {},
  ) => {
    const request = { call: { callId, name, arguments: {} }, turnId, early, attempt };
    const data = toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, request));
    const told: string[] = [];
    const published = { turnId, callId, to: SUBJECTS.toolCall(name), data, headers };
    for await (const answer of inbox.call(published, never())) {
      if (answer.kind !== "message") return [answer.kind];
      const { message } = answer;
      expect(message.headers[CALL_ID_HEADER]).toBe(callId);
      const { event } = fromBinary(ExecuteResponseSchema, message.data);
      if (event.case !== "running" || signs) told.push(wordsOf(event));
      if (event.case === "failure" || event.case === "result" || event.case === "declined") break;
    }
    return told;
  };
  const cancel = (of: { turnId: string; callId: string; attempt?: number }) => {
    const data = toBinary(CancelRequestSchema, create(CancelRequestSchema, of));
    bus.publish(SUBJECTS.cancel, data, { headers: { [CALLER_HEADER]: claim } });
  };
  const publish = (to: Subject, data: Uint8Array) =>
    bus.publish(to, data, { reply: SUBJECTS.inbox("t1", "x") });
  return {
    call,
    cancel,
    publish,
    events,
    claim,
    taking,
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

function wordsOf(event: ExecuteResponse["event"]): string {
  if (event.case === "failure") return `failure ${event.value.code}`;
  if (event.case === "declined") return `declined ${event.value.reason}`;
  return event.case ?? "nothing";
}

/** A tool that runs until it is told to stop. */
function waiting() {
  const begun = deferred<AbortSignal>();
  const it = tool({
    name: "waiting",
    effect: "read",
    run: async (_args, { signal }) => {
      begun.resolve(signal);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return {};
    },
  });
  return { tool: it, begun: begun.promise };
}

describe("a call over the bus", () => {
  it("brings what happens to it to the inbox of its turn", async () => {
    const reporting = tool({
      run: async (_args, { progress }) => {
        progress("half", 0.5);
        return { n: 1 };
      },
    });
    await using calls = await takingCalls(reporting);
    expect(await calls.call("probe")).toEqual(["accepted", "progress", "result"]);
  });

  it("is stopped by a cancel with its id, and by no other", async () => {
    const { tool: slow, begun } = waiting();
    await using calls = await takingCalls(slow);
    const told = calls.call("waiting");
    const signal = await begun;
    calls.cancel({ turnId: "t1", callId: "c2" });
    calls.cancel({ turnId: "t2", callId: "c1" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(signal.aborted).toBe(false);
    calls.cancel({ turnId: "t1", callId: "c1" });
    expect(await told).toEqual(["accepted", "failure cancelled"]);
    expect(signal.aborted).toBe(true);
  });

  it("is stopped by the cancel of an earlier try only where it is that try", async () => {
    const { tool: slow, begun } = waiting();
    await using calls = await takingCalls(slow);
    const told = calls.call("waiting", { [CALLER_HEADER]: calls.claim }, { attempt: 2 });
    const signal = await begun;
    calls.cancel({ turnId: "t1", callId: "c1", attempt: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(signal.aborted).toBe(false);
    calls.cancel({ turnId: "t1", callId: "c1", attempt: 2 });
    expect(await told).toEqual(["accepted", "failure cancelled"]);
  });

  it("is declined for a decided call that changes something, and where too many of the tool wait", async () => {
    const { tool: slow } = waiting();
    await using calls = await takingCalls(tool({ name: "writer", effect: "write" }), slow);
    const decided = { early: false };
    const headers = { [CALLER_HEADER]: calls.claim };
    expect(await calls.call("writer", headers, decided)).toEqual(["declined 1"]);
    for (let at = 0; at < 80; at++) void calls.call("waiting", headers, { callId: `w${at}` });
    expect(await calls.call("waiting", headers)).toEqual(["declined 2"]);
  });

  it("says again and again that it is alive while its tool says nothing", async () => {
    const { tool: slow } = waiting();
    await using calls = await takingCalls(slow);
    const headers = { [CALLER_HEADER]: calls.claim, [REMAINING_HEADER]: "1200" };
    const told = await calls.call("waiting", headers, { signs: true });
    expect(told.slice(0, 3)).toEqual(["accepted", "running", "running"]);
    expect(told.at(-1)).toBe("failure cancelled");
  });

  it("ends before its executor has drained, and the next one goes to somebody else", async () => {
    const release = deferred<void>();
    const begun = deferred<void>();
    const slow = tool({
      run: async () => {
        begun.resolve();
        await release.promise;
        return {};
      },
    });
    await using calls = await takingCalls(slow);
    const told = calls.call("probe");
    await begun.promise;
    const drained = calls.taking.drain(60_000);
    expect(await calls.call("probe", undefined, { turnId: "t2" })).toEqual(["no_responders"]);
    release.resolve();
    await drained;
    expect(await told).toEqual(["accepted", "result"]);
  });

  it("is counted and left where it cannot be read, and the others flow", async () => {
    await using calls = await takingCalls(tool({}));
    const garbage = new Uint8Array([0xff, 0xff, 0xff]);
    calls.publish(SUBJECTS.toolCall("probe"), garbage);
    calls.publish(SUBJECTS.cancel, garbage);
    calls.publish(SUBJECTS.commit, garbage);
    expect(await calls.call("probe")).toEqual(["accepted", "result"]);
    expect(calls.events.map((event) => event.kind === "dropped" && event.on).sort()).toEqual([
      "fr.dev.default.cancel",
      "fr.dev.default.commit",
      "fr.dev.default.tool.probe.call",
    ]);
  });

  it("may take no longer than its caller gives it", async () => {
    const { tool: slow } = waiting();
    await using calls = await takingCalls(slow);
    const headers = { [CALLER_HEADER]: calls.claim, [REMAINING_HEADER]: "20" };
    expect((await calls.call("waiting", headers)).at(-1)).toBe("failure cancelled");
  });

  it("is refused for a tool that changes something, as every early call is", async () => {
    await using calls = await takingCalls(tool({ effect: "write" }));
    expect(await calls.call("probe")).toEqual(["failure denied"]);
  });

  it("is refused when nothing proves who calls", async () => {
    await using calls = await takingCalls(tool({}));
    expect(await calls.call("probe", {})).toEqual(["failure denied"]);
    const forged = await claimSigner(Buffer.alloc(32, 2).toString("base64"), "chat")(LOCAL_CALLER);
    expect(await calls.call("probe", { [CALLER_HEADER]: forged })).toEqual(["failure denied"]);
  });
});

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { CALL_ID_HEADER, CALLER_HEADER, REMAINING_HEADER } from "@forerun/bus/call-headers";
import { CallInbox } from "@forerun/bus/call-inbox";
import { InProcessBus } from "@forerun/bus/in-process-bus";
import { subjectsOf } from "@forerun/bus/subjects";
import {
  CancelRequestSchema,
  ExecuteRequestSchema,
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
  const hop = { verify: claimVerifier(KEY), signals: silentBusSignals };
  const deps = { bus, subjects: SUBJECTS, ...hop, executor, log: silentLogger };
  const taking = resources.use(await takeBusCalls(deps));
  const inbox = resources.use(await CallInbox.open(bus, SUBJECTS));
  const claim = await claimSigner(KEY, "chat")(LOCAL_CALLER);
  /** What happens to a call, in words. */
  const call = async (
    name: string,
    headers: Record<string, string> = { [CALLER_HEADER]: claim },
    early = true,
  ) => {
    const request = { call: { callId: "c1", name, arguments: {} }, turnId: "t1", early };
    const data = toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, request));
    const told: string[] = [];
    const published = { turnId: "t1", callId: "c1", to: SUBJECTS.toolCall(name), data, headers };
    for await (const message of inbox.call(published, never())) {
      const { event } = fromBinary(ExecuteResponseSchema, message.data);
      expect(message.headers[CALL_ID_HEADER]).toBe("c1");
      told.push(event.case === "failure" ? `failure ${event.value.code}` : (event.case ?? "nothing"));
      if (event.case === "failure" || event.case === "result") break;
    }
    return told;
  };
  const cancel = (of: { turnId: string; callId: string }) => {
    const data = toBinary(CancelRequestSchema, create(CancelRequestSchema, of));
    bus.publish(SUBJECTS.cancel, data, { headers: { [CALLER_HEADER]: claim } });
  };
  return { call, cancel, claim, taking, [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() };
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

  it("may take no longer than its caller gives it", async () => {
    const { tool: slow } = waiting();
    await using calls = await takingCalls(slow);
    const headers = { [CALLER_HEADER]: calls.claim, [REMAINING_HEADER]: "20" };
    expect(await calls.call("waiting", headers)).toEqual(["accepted", "failure cancelled"]);
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

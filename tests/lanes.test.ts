/** Tenants with executors of their own: on a real broker with the accounts of deploy/nats, and over gRPC. */
import { createCollaborators, type ServiceClients } from "@forerun/chat/clients";
import type { ToolStep } from "@forerun/chat/collaborators";
import { laneAmong, requiringLane } from "@forerun/chat/tool-lanes-wire";
import { startNats } from "@forerun/components/nats";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { bind } from "@forerun/rpc/binding";
import { valuesOf } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { createLocalTransport } from "@forerun/rpc/local";
import type { Caller } from "@forerun/runtime/caller";
import { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import { skipWithout } from "@forerun/testing/skip-without";
import { beforeEach, describe, expect, it } from "vitest";
import { type LaneEnds, openLane } from "./support/lane-ends.ts";

const CONFIG = new URL("../deploy/nats/nats-server.conf", import.meta.url).pathname;
const PASSWORDS = {
  NATS_CHAT_DEFAULT: "c1",
  NATS_TOOL_EXECUTOR_DEFAULT: "e1",
  NATS_CHAT_REGULATED: "c2",
  NATS_TOOL_EXECUTOR_REGULATED: "e2",
};
const COMMON: Caller = { tenant: "acme", subject: "u1", roles: ["user"] };
const REGULATED: Caller = { tenant: "clinic", subject: "u2", roles: ["user"], queue: "regulated" };
const { signal: NEVER } = new AbortController();

skipWithout("nats-server")("lanes on the deployed broker", () => {
  let lanes: { default: LaneEnds; regulated: LaneEnds };
  let heardElsewhere: string[];

  beforeEach(async () => {
    const stack = new DisposalStack();
    const { port } = stack.use(await startNats({ config: CONFIG, env: PASSWORDS }));
    const open = async (lane: string, passwords: Record<"chat" | "tool-executor", string>) =>
      stack.use(
        await openLane({
          lane,
          signIn: (service) => `nats://${service}-${lane}:${passwords[service]}@127.0.0.1:${port}`,
        }),
      );
    lanes = {
      default: await open("default", { chat: "c1", "tool-executor": "e1" }),
      regulated: await open("regulated", { chat: "c2", "tool-executor": "e2" }),
    };
    heardElsewhere = [];
    const { bus, subjects } = lanes.default.executor;
    for (const subject of [subjects.cancel, subjects.commit]) {
      const messages = await bus.subscribe(subject, { signal: NEVER });
      void (async () => {
        for await (const message of messages) heardElsewhere.push(message.subject);
      })();
    }
    return () => stack[Symbol.asyncDispose]();
  });

  const collaborators = () =>
    createCollaborators(
      // Nothing but tools is asked for.
      {} as ServiceClients,
      undefined,
      laneAmong(
        new Map([
          ["default", lanes.default.way],
          ["regulated", lanes.regulated.way],
        ]),
      ),
    );
  const scopeOf = (caller: Caller) => ({
    caller,
    trace: undefined,
    deadline: new Date(Date.now() + 20_000),
    signal: NEVER,
  });
  const call = async (caller: Caller, name: string, callId: string): Promise<string | undefined> => {
    let last: ToolStep | undefined;
    const asked = { callId, name, arguments: { id: callId }, dependsOn: [], toolHash: "" };
    for await (const step of collaborators().execute(asked, "t1", scopeOf(caller))) last = step;
    return last?.kind === "failure" ? last.code : last?.kind;
  };

  it("runs each caller's calls on its own lane alone, over the bus and, where they change something, over gRPC", async () => {
    const ends = [
      await call(COMMON, "read", "c1"),
      await call(REGULATED, "read", "r1"),
      await call(REGULATED, "write", "r2"),
    ];
    await collaborators().commit("t1", ["r1"], scopeOf(REGULATED));
    await collaborators().commit("t1", ["c1"], scopeOf(COMMON));
    await expect.poll(() => heardElsewhere).toEqual(["fr.prod.default.commit"]);
    expect(ends).toEqual(["result", "result", "result"]);
    expect([lanes.default.ran, lanes.regulated.ran]).toEqual([["c1"], ["r1", "r2"]]);
  });

  it("keeps calls that find nobody on the bus in their lane", async () => {
    lanes.regulated.leaveBus();
    expect(await call(REGULATED, "read", "r1")).toBe("result");
    expect([lanes.default.ran, lanes.regulated.ran]).toEqual([[], ["r1"]]);
  });

  it("has executors that refuse callers of another lane, over gRPC and on their own subject", async () => {
    const request = { call: { callId: "x", name: "read", arguments: { id: "x" } } };
    const misled = lanes.default.way.tools.execute(request, {
      contextValues: valuesOf(REGULATED, undefined),
    });
    await expect(misled[Symbol.asyncIterator]().next()).rejects.toThrow('the lane "regulated"');
    const { execute } = createCollaborators({} as ServiceClients, undefined, () => lanes.default.way);
    const asked = { callId: "y", name: "read", arguments: { id: "y" }, dependsOn: [], toolHash: "" };
    const steps: ToolStep[] = [];
    for await (const step of execute(asked, "t1", scopeOf(REGULATED))) steps.push(step);
    expect(steps.at(-1)).toMatchObject({ kind: "failure", code: "denied" });
    expect(lanes.default.ran).toEqual([]);
  });
});

describe("a lane that nobody has set up", () => {
  it("is refused at the door before anything begins, in calls and in streams", async () => {
    let begun = 0;
    const binding = bind(ChatService, {
      listConversations: () => {
        begun += 1;
        return {};
      },
      async *chat() {
        begun += 1;
        yield {};
      },
    });
    const only = laneAmong(new Map([["default", {} as LaneEnds["way"]]]));
    const options = { messages: "clone", maxMessageBytes: 4 << 20, log: silentLogger } as const;
    const chat = createMeshClient(ChatService, createLocalTransport([requiringLane(binding, only)], options));
    const asRegulated = { contextValues: valuesOf(REGULATED, undefined) };
    await expect(chat.listConversations({}, asRegulated)).rejects.toMatchObject({ code: 7 });
    const stream = chat.chat({ input: { text: "hello" } }, asRegulated)[Symbol.asyncIterator]();
    await expect(stream.next()).rejects.toThrow("regulated");
    expect(begun).toBe(0);
    await chat.listConversations({}, { contextValues: valuesOf(COMMON, undefined) });
    expect(begun).toBe(1);
  });
});

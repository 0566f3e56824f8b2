/** The broker's configuration of deploy/nats, on a real broker: what each service may, and all that it may not. */
import { fileURLToPath } from "node:url";
import { type RunningNats, startNats } from "@forerun/components/nats";
import { skipWithout } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BusEvent } from "./bus-event.ts";
import { until } from "./fixtures/nats.ts";
import { openBus } from "./open-bus.ts";
import type { Subject, SubjectPattern } from "./subject.ts";

const CONFIG = fileURLToPath(new URL("../../../deploy/nats/nats-server.conf", import.meta.url));
const PASSWORDS = {
  NATS_CHAT_DEFAULT: "c1",
  NATS_TOOL_EXECUTOR_DEFAULT: "e1",
  NATS_CHAT_REGULATED: "c2",
  NATS_TOOL_EXECUTOR_REGULATED: "e2",
};
const SIGNED_IN = {
  "chat-default": PASSWORDS.NATS_CHAT_DEFAULT,
  "tool-executor-default": PASSWORDS.NATS_TOOL_EXECUTOR_DEFAULT,
  "chat-regulated": PASSWORDS.NATS_CHAT_REGULATED,
  "tool-executor-regulated": PASSWORDS.NATS_TOOL_EXECUTOR_REGULATED,
} as const;
type User = keyof typeof SIGNED_IN;

const NEVER = new AbortController().signal;
const ONE = new Uint8Array([1]);

/** What belongs to nobody who signs in here. */
const NOBODYS = [
  ">",
  "*",
  "fr.>",
  "fr.prod.>",
  "fr.*.*.tool.*.call",
  "fr.dev.default.tool.clock.call",
  "fr.dev.inbox.t1.o1",
  "_INBOX.>",
  "_INBOX.x",
  "$JS.API.>",
  "$JS.API.STREAM.CREATE.s",
  "$SYS.>",
  "$SYS.REQ.SERVER.PING",
];
const lane = (name: string) => [
  `fr.prod.${name}.tool.clock.call`,
  `fr.prod.${name}.cancel`,
  `fr.prod.${name}.commit`,
];
const REPLICAS = ["fr.prod.live.t1.u1", "fr.prod.owner.r1"];
const INBOX = "fr.prod.inbox.u1.o1";

const FOREIGN: Readonly<Record<User, { publish: string[]; subscribe: string[] }>> = {
  "chat-default": { publish: lane("regulated"), subscribe: [...lane("default"), ...lane("regulated")] },
  "chat-regulated": { publish: lane("default"), subscribe: [...lane("default"), ...lane("regulated")] },
  "tool-executor-default": {
    publish: [...lane("default"), ...lane("regulated"), ...REPLICAS],
    subscribe: [...lane("regulated"), ...REPLICAS, INBOX, "fr.prod.inbox.*.*", "fr.prod.default.tool.*.call"],
  },
  "tool-executor-regulated": {
    publish: [...lane("default"), ...lane("regulated"), ...REPLICAS],
    subscribe: [...lane("default"), ...REPLICAS, INBOX, "fr.prod.inbox.*.*", "fr.prod.regulated.tool.*.call"],
  },
};

skipWithout("nats-server")("a broker with the accounts of deploy/nats", () => {
  let server: RunningNats;
  beforeAll(async () => {
    server = await startNats({ config: CONFIG, env: PASSWORDS });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const signIn = async (user: User, password: string = SIGNED_IN[user]) => {
    const events: BusEvent[] = [];
    const opened = await openBus({
      url: `nats://${user}:${password}@127.0.0.1:${server.port}`,
      env: "prod",
      lane: user.endsWith("regulated") ? "regulated" : "default",
      name: user,
      observe: (event) => events.push(event),
    });
    const refused = () => events.flatMap((event) => (event.kind === "refused" ? [event] : []));
    return { ...opened, events, refused, [Symbol.asyncDispose]: () => opened.bus[Symbol.asyncDispose]() };
  };

  it.each(Object.keys(FOREIGN) as User[])("refuses %s all that it need not say or hear", async (user) => {
    await using end = await signIn(user);
    const { publish, subscribe } = FOREIGN[user];
    const said = [...publish, ...NOBODYS.filter((one) => !/[*>]/.test(one))];
    const heard = [...subscribe, ...NOBODYS];
    for (const one of said) end.bus.publish(one as Subject, ONE);
    for (const one of heard) await end.bus.subscribe(one as SubjectPattern, { signal: NEVER });
    await until(() => end.refused().length >= said.length + heard.length);
    const refusedTo = (operation: string) =>
      end.refused().flatMap((event) => (event.operation === operation ? [event.subject] : []));
    expect(refusedTo("publish").sort()).toEqual(said.sort());
    expect(refusedTo("subscription").sort()).toEqual(heard.sort());
  });

  it.each(["default", "regulated"] as const)(
    "lets the calls and live events of lane %s through",
    async (of) => {
      await using chat = await signIn(`chat-${of}`);
      await using executor = await signIn(`tool-executor-${of}`);
      const call = chat.subjects.toolCall("clock");
      const calls = await executor.bus.subscribe(executor.subjects.toolCalls, {
        queue: "tool-executor",
        signal: NEVER,
      });
      void (async () => {
        for await (const { reply } of calls) if (reply) executor.bus.publish(reply, ONE);
      })();
      for (const heard of [executor.subjects.cancel, executor.subjects.commit])
        await executor.bus.subscribe(heard, { signal: NEVER });
      for (const heard of [chat.subjects.live("t1", "u1"), chat.subjects.owner("r1")])
        await chat.bus.subscribe(heard, { signal: NEVER });
      for (const said of [
        chat.subjects.cancel,
        chat.subjects.commit,
        chat.subjects.live("t1", "u1"),
        chat.subjects.owner("r1"),
      ])
        chat.bus.publish(said, ONE);
      const outcome = await chat.bus.request(call, ONE, { timeoutMs: 5_000, signal: NEVER });
      expect(outcome.kind).toBe("reply");
      expect([...chat.refused(), ...executor.refused()]).toEqual([]);
    },
  );

  it("keeps what one lane says from the other, where both may use the same subject", async () => {
    await using here = await signIn("chat-default");
    await using there = await signIn("chat-regulated");
    const subject = here.subjects.live("t1", "u1");
    await there.bus.subscribe(subject, { signal: NEVER });
    expect(await here.bus.request(subject, ONE, { timeoutMs: 5_000, signal: NEVER })).toEqual({
      kind: "no_responders",
    });
  });

  it("lets nobody in with a wrong password, and goes on trying", async () => {
    await using end = await signIn("chat-default", "wrong");
    expect(end.events).toMatchObject([{ kind: "disconnected" }]);
  });
});

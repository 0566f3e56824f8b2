import { once } from "node:events";
import { connect } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import type { ChatResponse } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deferred } from "./fixtures/collect.ts";
import { EchoChat } from "./fixtures/echo-chat.ts";
import { readEvents } from "./fixtures/read-events.ts";
import { BODY_LIMIT, postJson, startTestFront } from "./fixtures/test-front.ts";
import type { HttpServer } from "./server.ts";

const chat = new EchoChat();
let server: HttpServer;
beforeAll(async () => {
  server = await startTestFront(chat.implementation);
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (body: unknown, headers?: Record<string, string>): Promise<Response> =>
  postJson(`${server.url}/chat`, body, headers);
const EVENTS = { accept: "text/event-stream" };

describe("POST /chat", () => {
  it("answers with the ended turn under proto field names", async () => {
    const response = await ask({ text: "hello there" });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      state: "TURN_STATE_COMPLETED",
      text: "hello there",
      tool_calls: [],
      usage: { model_calls: 2, input_tokens: 20 },
    });
  });

  it("takes enums in their short form and in full", async () => {
    await ask({ text: "a", tool_choice: "none", speculation: "SPECULATION_OFF" });
    expect(chat.inputs.at(-1)).toMatchObject({ toolChoice: 2, speculation: 2 });
  });

  it("streams the turn's events, each with its place in the log", async () => {
    const response = await ask({ text: "one two" }, EVENTS);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = await readEvents(response);
    expect(events.map(({ id, event }) => [id, event])).toEqual([
      ["1.1", "turn_created"],
      [undefined, "heartbeat"],
      ["1.2", "output_text_delta"],
      ["1.3", "output_text_delta"],
      ["1.4", "output_text_done"],
      ["1.5", "turn_completed"],
    ]);
    expect(JSON.parse(events[2]?.data ?? "")).toMatchObject({
      sequence: 2,
      epoch: 1,
      output_text_delta: { text: "one " },
    });
    expect(JSON.parse(events[1]?.data ?? "")).not.toHaveProperty("sequence");
  });

  it("resumes after Last-Event-ID without beginning another turn", async () => {
    const body = { text: "one two three", idempotency_key: "resume-1" };
    const whole = await readEvents(await ask(body, EVENTS));
    const begun = chat.inputs.length;
    const rest = await readEvents(await ask(body, { ...EVENTS, "last-event-id": "1.3" }));
    expect(rest.filter(({ id }) => id)).toEqual(whole.filter(({ id }) => id).slice(3));
    expect(chat.inputs.length).toBe(begun);
  });

  it.each([
    ["that is no id of ours", "abc", { text: "a", idempotency_key: "k" }],
    ["without the turn's key", "1.1", { text: "a" }],
  ])("refuses a Last-Event-ID %s", async (_name, id, body) => {
    const response = await ask(body, { ...EVENTS, "last-event-id": id });
    expect(response.status).toBe(400);
  });
});

describe("a Last-Event-ID", () => {
  it("past the last event is refused", async () => {
    const body = { text: "past", idempotency_key: "past" };
    await (await ask(body)).text();
    expect((await ask(body, { ...EVENTS, "last-event-id": "1.99" })).status).toBe(400);
  });

  it("with a key that no turn has begins none", async () => {
    const begun = chat.inputs.length;
    const response = await ask(
      { text: "a", idempotency_key: "unused" },
      { ...EVENTS, "last-event-id": "1.1" },
    );
    expect([response.status, await response.json()]).toMatchObject([404, { code: "not_found" }]);
    expect(chat.inputs.length).toBe(begun);
  });
});

describe("errors of POST /chat", () => {
  it("keep the shape of every error: code, message, details with reason and fix", async () => {
    const response = await ask({ text: 5 });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      code: "invalid_argument",
      message: expect.stringContaining("TurnInput.text"),
      details: [
        {
          type: "google.rpc.ErrorInfo",
          reason: "FR-E1301",
          domain: "forerun",
          metadata: { fix: expect.any(String) },
        },
      ],
    });
  });

  it.each([
    [{ txt: "a" }, '"txt" is no field of a question … did you mean "text"?'],
    [{ text: "a", ["x".repeat(100)]: 1 }, `"${"x".repeat(64)}…" is no field of a question`],
    [{ text: "a", tool_choice: "sometimes" }, 'tool_choice: expected auto, none, required, got "sometimes"'],
  ])("say what was meant or what there is to choose from", async (body, message) => {
    const response = await ask(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message, details: [{ reason: "FR-E1301" }] });
  });

  it("accept a body of exactly the limit and refuse one byte more with 413", async () => {
    const frame = JSON.stringify({ text: "" }).length;
    expect((await ask({ text: "x".repeat(BODY_LIMIT - frame) })).status).toBe(200);
    const response = await ask({ text: "x".repeat(BODY_LIMIT - frame + 1) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      code: "resource_exhausted",
      details: [{ reason: "FR-E1302" }],
    });
  });

  it("refuse an endless body without a length at the limit", async () => {
    const chunk = new Uint8Array(16_384).fill(0x20);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < 64 ? controller.enqueue(chunk) : controller.close()),
    });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body, duplex: "half" };
    expect((await fetch(`${server.url}/chat`, init)).status).toBe(413);
  });

  it("name another content type, a compressed body, a wrong method and an unknown path", async () => {
    expect((await ask("{}", { "content-type": "text/plain" })).status).toBe(415);
    expect((await ask("{}", { "content-encoding": "gzip" })).status).toBe(415);
    const method = await fetch(`${server.url}/chat`);
    expect([method.status, method.headers.get("allow")]).toEqual([405, "POST"]);
    const path = await fetch(`${server.url}/nowhere`);
    expect([path.status, await path.json()]).toMatchObject([404, { code: "not_found" }]);
  });
});

describe("a caller that is not proved", () => {
  it("gets one body for every cause, with nothing to learn from", async () => {
    const authenticate = () =>
      Promise.reject(new ConnectError("the token expired at noon", Code.Unauthenticated));
    await using guarded = await startTestFront(chat.implementation, { authenticate });
    const response = await postJson(`${guarded.url}/chat`, { text: "a" });
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(await response.json()).toEqual({ code: "unauthenticated", message: "invalid credentials" });
    const completion = await postJson(`${guarded.url}/v1/chat/completions`, {});
    expect([completion.status, await completion.json()]).toMatchObject([
      401,
      { error: { code: "invalid_api_key" } },
    ]);
  });
});

describe("what the service throws", () => {
  const refusing = (thrown: Error): Promise<HttpServer> =>
    startTestFront({
      ask: () => Promise.reject(thrown),
      chat: () => rejecting(thrown),
    });

  it("keeps its code and tells when to come back", async () => {
    const quota = new ForerunError("FR-E1703", "resource_exhausted", "too many turns", "Wait.", {
      retryAfterMs: 1500,
    });
    await using refused = await refusing(quota);
    for (const headers of [{}, EVENTS]) {
      const response = await postJson(`${refused.url}/chat`, { text: "a" }, headers);
      expect([response.status, response.headers.get("retry-after")]).toEqual([429, "2"]);
      expect(await response.json()).toMatchObject({ code: "resource_exhausted", message: "too many turns" });
    }
  });

  it("that there are too many turns comes before the body is read, but not to who resumes one", async () => {
    await using full = await startTestFront(
      { chat: () => rejecting(new Error("asked")) },
      { isFull: () => true },
    );
    const refused = await postJson(`${full.url}/chat`, "no JSON at all", EVENTS);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    const resumed = await postJson(`${full.url}/chat`, "no JSON at all", {
      ...EVENTS,
      "last-event-id": "1-1",
    });
    expect(resumed.status).toBe(400);
  });

  it("is hidden behind an id when nobody worded it for the outside", async () => {
    await using broken = await refusing(new Error("SELECT secret FROM /etc/passwd"));
    for (const headers of [{}, EVENTS]) {
      const response = await postJson(`${broken.url}/chat`, { text: "a" }, headers);
      expect(response.status).toBe(500);
      const text = await response.text();
      expect(text).toContain("internal error");
      expect(text).not.toMatch(/secret|passwd|at /);
    }
  });

  it("comes as an error event once the stream has begun", async () => {
    await using broken = await startTestFront({
      async *chat(request, _context) {
        for await (const response of chat.chat(request)) {
          yield response;
          throw new ForerunError("FR-E1304", "unavailable", "going down", "Attach again.");
        }
      },
    });
    const events = await readEvents(await postJson(`${broken.url}/chat`, { text: "a b" }, EVENTS));
    expect(events.map(({ event }) => event)).toEqual(["turn_created", "error"]);
    expect(JSON.parse(events[1]?.data ?? "")).toMatchObject({ code: "unavailable", message: "going down" });
  });
});

describe("a client that goes away", () => {
  it("ends the call", async () => {
    const gone = deferred();
    await using waiting = await startTestFront({
      async *chat(request, context) {
        context.signal.addEventListener("abort", () => gone.resolve());
        yield* chat.chat(request);
        await gone.promise;
      },
    });
    const leave = new AbortController();
    const response = await fetch(`${waiting.url}/chat`, {
      method: "POST",
      headers: { "content-type": "application/json", ...EVENTS },
      body: JSON.stringify({ text: "a" }),
      signal: leave.signal,
    });
    expect(response.status).toBe(200);
    leave.abort();
    await gone.promise;
  });

  it("but does not read holds the events back", async () => {
    let produced = 0;
    const first = deferred();
    await using flowing = await startTestFront({
      async *chat() {
        for (; produced < 4_000; produced++) {
          yield {
            event: { sequence: 1, event: { case: "outputTextDelta", value: { text: "x".repeat(10_000) } } },
          };
          first.resolve();
        }
      },
    });
    const { port } = new URL(flowing.url);
    const socket = connect(Number(port), "127.0.0.1").pause();
    const body = JSON.stringify({ text: "a" });
    socket.write(
      `POST /chat HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await first.promise;
    // What the kernel's socket buffers take is not ours to bound; 40 MB would be.
    await expect.poll(() => settled(() => produced), { timeout: 10_000 }).toBe(true);
    expect(produced).toBeLessThan(2_000);
    socket.destroy();
    await once(socket, "close");
  });
});

/** A stream that fails at the first pull. */
function rejecting(thrown: Error): AsyncIterable<ChatResponse> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(thrown) }) };
}

/** Whether a count stays the same over 20 turns of the event loop. */
async function settled(count: () => number): Promise<boolean> {
  const before = count();
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  return count() === before;
}

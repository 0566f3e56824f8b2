import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { TurnSchema, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import OpenAI, { APIError } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect } from "../fixtures/collect.ts";
import { EchoChat, eventsOf } from "../fixtures/echo-chat.ts";
import { readEvents } from "../fixtures/read-events.ts";
import { postJson, startTestFront } from "../fixtures/test-front.ts";
import type { HttpServer } from "../server.ts";

const chat = new EchoChat();
let server: HttpServer;
let client: OpenAI;
beforeAll(async () => {
  server = await startTestFront(chat.implementation, {
    models: () => [{ id: "forerun" }, { id: "org/model" }],
  });
  client = openAi(server);
});
afterAll(() => server[Symbol.asyncDispose]());

function openAi({ url }: HttpServer): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
}

const question = { model: "forerun", messages: [{ role: "user" as const, content: "one two" }] };

describe("the openai client", () => {
  it("gets a completion with its usage", async () => {
    const completion = await client.chat.completions.create(question);
    expect(completion).toMatchObject({
      object: "chat.completion",
      model: "forerun",
      choices: [{ index: 0, message: { role: "assistant", content: "one two" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 },
    });
    expect(completion.created).toBeGreaterThan(1_600_000_000);
  });

  it("streams chunks, with the usage last when it asks for it", async () => {
    const stream = await client.chat.completions.create({
      ...question,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await collect(stream);
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: "assistant" });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("one two");
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 25 } });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  it("hands in earlier messages as history, instructions first", async () => {
    await client.chat.completions.create({
      model: "forerun",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "text", text: "Hi" }] },
        { role: "assistant", content: "Hello." },
        { role: "user", content: "And now?" },
      ],
      max_completion_tokens: 50,
      temperature: 0.2,
    });
    expect(chat.inputs.at(-1)).toMatchObject({
      text: "And now?",
      history: [
        { role: "user", content: "Be brief." },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello." },
      ],
      limits: { maxOutputTokens: 50 },
    });
  });

  it("lists and shows models", async () => {
    const names = (await client.models.list()).data.map(({ id }) => id);
    expect(names).toEqual(["forerun", "org/model"]);
    expect(await client.models.retrieve("org/model")).toMatchObject({ id: "org/model", object: "model" });
  });

  it("learns that a model does not exist", async () => {
    const error = await client.chat.completions
      .create({ ...question, model: "gpt-x" })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
  });
});

describe("what /v1 cannot do is refused by name", () => {
  it.each([
    ["n", { n: 2 }],
    ["tools[0].type", { tools: [{ type: "custom", custom: { name: "f" } }] }],
    ["tools[0].function.name", { tools: [{ type: "function", function: { name: "a b" } }] }],
    ["functions", { functions: [{ name: "f" }] }],
    ["logprobs", { logprobs: true }],
    ["logit_bias", { logit_bias: { 50256: -100 } }],
    ["stop", { stop: ["\n"] }],
    [
      "response_format.json_schema.schema",
      { response_format: { type: "json_schema", json_schema: { name: "a" } } },
    ],
    ["audio", { audio: { voice: "alloy", format: "wav" } }],
    ["modalities", { modalities: ["text", "audio"] }],
    ["tool_choice", { tool_choice: "required" }],
    ["messages", { messages: [] }],
    ["messages[0].role", { messages: [{ role: "critic", content: "x" }] }],
    ["messages", { messages: [{ role: "tool", content: "x", tool_call_id: "a" }] }],
    [
      "messages[0].content",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
    ],
    ["messages[0].role", { messages: [{ role: "assistant", content: "x" }] }],
    ["max_tokens", { max_tokens: -1 }],
    ["tempurature", { tempurature: 1 }],
    ["stream", { stream: "yes" }],
  ])("%s in %j", async (param, fields) => {
    const response = await postJson(`${server.url}/v1/chat/completions`, { ...question, ...fields });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        type: "invalid_request_error",
        param,
        message: expect.stringContaining(param),
        code: expect.any(String),
      },
    });
  });

  it.each([
    { n: 1, tools: [], logprobs: false, response_format: { type: "text" }, stop: null, tool_choice: "none" },
    { temperature: 0, top_p: 1, seed: 7, user: "u", metadata: {}, store: false, stream: false },
  ])("but fields that ask for nothing pass: %j", async (fields) => {
    expect((await postJson(`${server.url}/v1/chat/completions`, { ...question, ...fields })).status).toBe(
      200,
    );
  });

  it("unknown paths and methods keep OpenAI's shape", async () => {
    const path = await fetch(`${server.url}/v1/images`, { method: "POST" });
    expect([path.status, await path.json()]).toMatchObject([
      404,
      { error: { type: "invalid_request_error" } },
    ]);
    const method = await fetch(`${server.url}/v1/chat/completions`);
    expect([method.status, await method.json()]).toMatchObject([405, { error: { param: null } }]);
  });
});

describe("how a turn ends", () => {
  const ended = (fields: object): Promise<HttpServer> => {
    const turn = create(TurnSchema, {
      turnId: "t1",
      text: "half an",
      createTime: timestampNow(),
      ...fields,
    });
    return startTestFront({
      ask: () => ({ turn }),
      async *chat() {
        for (const event of eventsOf(turn)) yield { event };
      },
    });
  };

  it.each([
    ["max_tokens", "length"],
    ["deadline", "length"],
    ["quota", "length"],
    ["guardrail", "content_filter"],
  ])("incomplete(%s) finishes with %s", async (reason, finish) => {
    await using front = await ended({ state: TurnState.INCOMPLETE, reason });
    const whole = await openAi(front).chat.completions.create(question);
    expect(whole.choices[0]?.finish_reason).toBe(finish);
    const chunks = await collect(await openAi(front).chat.completions.create({ ...question, stream: true }));
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe(finish);
  });

  it("a failed turn is an error and never looks whole", async () => {
    await using front = await ended({ state: TurnState.FAILED, errorCode: "unavailable", retryable: true });
    await expect(openAi(front).chat.completions.create(question)).rejects.toMatchObject({ status: 503 });
    const stream = await openAi(front).chat.completions.create({ ...question, stream: true });
    await expect(collect(stream)).rejects.toBeInstanceOf(APIError);
    const events = await readEvents(
      await postJson(`${front.url}/v1/chat/completions`, { ...question, stream: true }),
    );
    expect(events.at(-1)?.data).toContain('"error"');
    expect(events.map(({ data }) => data)).not.toContain("[DONE]");
  });

  it.each([
    ["deadline_exceeded", 504],
    ["resource_exhausted", 429],
    ["internal", 500],
  ])("failed(%s) has status %d", async (errorCode, status) => {
    await using front = await ended({ state: TurnState.FAILED, errorCode });
    await expect(openAi(front).chat.completions.create(question)).rejects.toMatchObject({
      status,
      code: "FR-E1326",
    });
  });

  it("an answer begun anew after part of it was sent is an error, since the part cannot be taken back", async () => {
    const turn = create(TurnSchema, { turnId: "t1", text: "one two", state: TurnState.COMPLETED });
    const events = eventsOf(turn);
    const reset = create(TurnEventSchema, { turnId: "t1", event: { case: "outputReset", value: {} } });
    await using front = await startTestFront({
      async *chat() {
        for (const event of [...events.slice(0, 3), reset, ...events.slice(2)]) yield { event };
      },
    });
    const stream = await openAi(front).chat.completions.create({ ...question, stream: true });
    await expect(collect(stream)).rejects.toThrow("begun anew");
  });
});

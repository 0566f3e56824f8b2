/** What OpenAI's own client can ask of /v1 besides a plain chat, over a scripted model. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { sharedModelPath } from "@forerun/testing/shared-data";
import { SENTENCE_MODEL, skipWithoutSentenceModel } from "@forerun/testing/skip-without";
import OpenAI, { APIError } from "openai";
import type { ChatCompletionCreateParams } from "openai/resources/chat/completions";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

type Steps = Script["steps"];

async function withModel(
  steps: Steps,
  run: (openai: OpenAI, model: ScriptedModel, forerun: RunningForerun) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  await using model = await startScriptedModel(steps);
  await using forerun = await startForerun({ MODEL_URL: model.url, MODEL: "large", ...env });
  await run(clientOf(forerun), model, forerun);
  expect(model.unused()).toEqual([]);
  expect(model.log().filter(({ unexpected }) => unexpected)).toEqual([]);
}

function clientOf({ ready }: RunningForerun): OpenAI {
  return new OpenAI({ baseURL: `${ready.http}/v1`, apiKey: "unused", maxRetries: 0 });
}

const READ_FILE = {
  type: "function" as const,
  function: {
    name: "readFile",
    description: "Reads a file of the user's.",
    parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
  },
};
const QUESTION = { role: "user" as const, content: "What do notes a and b say?" };
const CALLS = [
  { id: "call_a", name: "readFile", arguments: { path: "a.md" } },
  { id: "call_b", name: "readFile", arguments: { path: "b.md" } },
];
const ASKED = CALLS.map(({ id, name, arguments: args }) => ({
  id,
  type: "function" as const,
  function: { name, arguments: JSON.stringify(args) },
}));

describe("tools of the client's own", () => {
  scenario("front.openai-tools", async () => {
    const steps: Steps = [
      { match: { kind: "answer" }, reply: { calls: CALLS }, times: 2 },
      { match: { kind: "answer" }, reply: { text: "A says red, b says blue." }, times: 2 },
    ];
    await withModel(steps, async (openai, model) => {
      const ask = { model: "forerun", messages: [QUESTION], tools: [READ_FILE] };
      const [choice] = (await openai.chat.completions.create(ask)).choices;
      expect(choice).toMatchObject({
        finish_reason: "tool_calls",
        message: { role: "assistant", content: null, tool_calls: ASKED },
      });
      expect(await streamedCalls(openai, ask)).toEqual({ finish: "tool_calls", calls: ASKED });

      const results = [
        { role: "tool" as const, tool_call_id: "call_b", content: "blue" },
        { role: "tool" as const, tool_call_id: "call_a", content: "red" },
      ];
      if (!choice) throw new Error("no choice");
      const messages = [QUESTION, choice.message, ...results];
      const answered = await openai.chat.completions.create({ ...ask, messages });
      expect(answered.choices[0]).toMatchObject({
        finish_reason: "stop",
        message: { content: "A says red, b says blue." },
      });
      expect(answered.usage?.completion_tokens).toBeGreaterThan(0);
      // The calls may be answered without bringing the tools again.
      const plain = await openai.chat.completions.create({ model: "forerun", messages });
      expect(plain.choices[0]?.finish_reason).toBe("stop");
      expect(model.log().at(-2)?.request).toMatchObject({
        messages: [
          { role: "system" },
          QUESTION,
          { role: "assistant", tool_calls: ASKED },
          { role: "tool", tool_call_id: "call_b", content: "blue" },
          { role: "tool", tool_call_id: "call_a", content: "red" },
        ],
        tools: [READ_FILE],
      });

      const lost = openai.chat.completions.create({ ...ask, messages: messages.slice(0, -1) });
      await expect(lost).rejects.toMatchObject({ status: 400, message: expect.stringContaining("call_a") });
      const stray = openai.chat.completions.create({
        ...ask,
        messages: [QUESTION, ...results],
      });
      await expect(stray).rejects.toMatchObject({ status: 400, param: "messages[1]" });
    });
  });
});

async function streamedCalls(openai: OpenAI, ask: Omit<ChatCompletionCreateParams, "stream">) {
  const stream = openai.chat.completions.stream({ ...ask });
  const completion = await stream.finalChatCompletion();
  const [choice] = completion.choices;
  const calls = choice?.message.tool_calls?.map(({ id, type, function: { name, arguments: args } }) => ({
    id,
    type,
    function: { name, arguments: args },
  }));
  return { finish: choice?.finish_reason, calls };
}

async function textOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = "";
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
  return text;
}

const PERSON = {
  type: "object",
  properties: { name: { type: "string" }, born: { type: "integer" } },
  required: ["name", "born"],
  additionalProperties: false,
};
const FORMAT = {
  type: "json_schema" as const,
  json_schema: { name: "person", schema: PERSON, strict: true },
};

describe("an answer by a schema", () => {
  scenario("front.openai-schema", async () => {
    const direct = { json: { thought: "known", action: "answer" } };
    const ada = { name: "Ada Lovelace, Countess of Lovelace", born: 1815 };
    const steps: Steps = [
      { match: { kind: "route" }, reply: direct, times: 4 },
      { match: { kind: "answer" }, reply: { json: ada }, times: 2 },
      { match: { kind: "answer" }, reply: { json: { name: "Ada" } } },
      { match: { kind: "answer" }, reply: { hang: "tokens", text: '{"name": "A' } },
    ];
    await withModel(steps, async (openai) => {
      // Each time another question: the same one would be answered from what is kept.
      const about = (content: string) => ({
        model: "forerun",
        messages: [{ role: "user" as const, content }],
        response_format: FORMAT,
      });
      const whole = await openai.chat.completions.create(about("Who wrote the first program?"));
      expect(JSON.parse(whole.choices[0]?.message.content ?? "")).toEqual(ada);
      const streaming = { ...about("Who wrote notes on the Analytical Engine?"), stream: true as const };
      expect(JSON.parse(await textOf(await openai.chat.completions.create(streaming)))).toEqual(ada);

      const off = openai.chat.completions.create(about("Who was the Countess of Lovelace?"));
      await expect(off).rejects.toBeInstanceOf(APIError);
      await expect(off).rejects.toMatchObject({ status: 503, message: expect.stringContaining("FR-E1532") });
      // It is passed on while it is written, before anybody can say whether it will fit.
      const begun = await openai.chat.completions.create({ ...about("Who was Ada?"), stream: true });
      for await (const { choices } of begun) if (choices[0]?.delta.content) break;
      begun.controller.abort();

      const bad = { type: "json_schema" as const, json_schema: { name: "x", schema: { type: "strnig" } } };
      const refused = openai.chat.completions.create({ ...about("Who?"), response_format: bad });
      await expect(refused).rejects.toMatchObject({ status: 400, code: "FR-E1711" });
    });
  });
});

describe("an answer that a tool says itself", () => {
  scenario("model.rendered", async () => {
    await using folder = await scratchFolder();
    const config = join(folder.path, "forerun.yaml");
    await writeFile(config, "tools:\n  calculator:\n    rendered_answer: true\n");
    const call = { id: "c1", tool: "calculator", args: { expression: "17% of 2400" } };
    const steps: Steps = [
      { match: { kind: "route" }, reply: { json: { thought: "sum", action: "call", calls: [call] } } },
    ];
    await withModel(
      steps,
      async (_openai, model, forerun) => {
        const response = await fetch(`${forerun.ready.http}/chat`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ text: "17% of 2400" }),
        });
        expect(await response.json()).toMatchObject({
          state: "TURN_STATE_COMPLETED",
          text: expect.stringContaining("408"),
          usage: { model_calls: 1 },
        });
        expect(model.log().map(({ kind }) => kind)).toEqual(["route"]);
      },
      { CONFIG: config },
    );
  });
});

/** How near two texts are in meaning: their vectors have length 1. */
function nearness(a: readonly number[] = [], b: readonly number[] = []): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

skipWithoutSentenceModel()("embeddings", () => {
  scenario("front.openai-embeddings", async () => {
    await using forerun = await startForerun({
      EMBEDDINGS: "local",
      EMBEDDINGS_DIR: sharedModelPath(SENTENCE_MODEL),
    });
    const openai = clientOf(forerun);
    const model = `local/${SENTENCE_MODEL}`;
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(["forerun", model]);
    const input = [
      "How warm is it in Oslo?",
      "What is the temperature in Norway's capital?",
      "Sell my shares.",
    ];
    // The client asks for base64 unless it is told otherwise.
    const packed = await openai.embeddings.create({ model, input });
    const plain = await openai.embeddings.create({ model, input, encoding_format: "float" });
    expect(packed.data).toEqual(plain.data);
    expect(packed.usage.total_tokens).toBeGreaterThan(10);
    const [question, same, other] = plain.data.map(({ embedding }) => embedding);
    expect(nearness(question, question)).toBeCloseTo(1, 5);
    expect(nearness(question, same)).toBeGreaterThan(nearness(question, other) + 0.2);
  });
});

describe("without a model", () => {
  let forerun: RunningForerun;
  beforeAll(async () => {
    forerun = await startForerun();
  });
  afterAll(() => forerun[Symbol.asyncDispose]());

  scenario("front.openai-needs", async () => {
    const openai = clientOf(forerun);
    const ask = { model: "forerun", messages: [QUESTION] };
    const needs = { status: 400, code: "FR-E1531", message: expect.stringContaining("MODEL") };
    await expect(openai.chat.completions.create({ ...ask, tools: [READ_FILE] })).rejects.toMatchObject(needs);
    await expect(openai.chat.completions.create({ ...ask, response_format: FORMAT })).rejects.toMatchObject(
      needs,
    );
    await expect(openai.embeddings.create({ model: "any", input: "a" })).rejects.toMatchObject({
      status: 400,
      code: "FR-E1327",
      message: expect.stringContaining("EMBEDDINGS"),
    });
  });
});

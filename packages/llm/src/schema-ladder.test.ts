import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, describe, expect, it } from "vitest";
import { createModel, type Model } from "./model.ts";
import type { ModelRequest } from "./model-call.ts";

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

type Step = Script["steps"][number];

async function serve(...steps: Step[]): Promise<{ server: ScriptedModel; model: Model }> {
  const server = await startScriptedModel(steps);
  const model = createModel({ url: server.url, key: undefined, model: "m", timeoutMs: 2_000 });
  opened.push(server, model);
  return { server, model };
}

const schema = { type: "object", properties: { city: { type: "string" } } };
const REQUEST: ModelRequest = {
  messages: [
    { role: "system", content: "Find the city." },
    { role: "user", content: "Oslo, please" },
  ],
  responseSchema: { name: "route_city", schema },
};
const never = new AbortController().signal;
const JSON_TEXT = '{"city":"Oslo"}';

const refusing = (kind: Step["match"]["kind"], message: string, status = 400): Step => ({
  match: { kind },
  reply: { status, body: JSON.stringify({ error: { message, type: "invalid_request_error" } }) },
});
const NO_FORMAT = refusing("route", "Unknown parameter: 'response_format.json_schema'");
const NO_TOOLS = refusing("route", "tool_choice is not supported by this model");

/** An answer that calls a function, whole. */
const CALLED: Step = {
  match: { kind: "route" },
  reply: {
    raw: JSON.stringify({
      choices: [
        {
          message: {
            content: null,
            tool_calls: [
              { id: "1", type: "function", function: { name: "route_city", arguments: JSON_TEXT } },
            ],
          },
          finish_reason: "tool_calls",
        },
      ],
    }),
  },
};

/** The same, streamed in pieces. */
function streamedCall(): Step {
  const pieces = [
    { index: 0, id: "1", type: "function", function: { name: "route_city", arguments: "" } },
    { index: 0, function: { arguments: JSON_TEXT.slice(0, 4) } },
    { index: 0, function: { arguments: JSON_TEXT.slice(4) } },
  ];
  const chunks = pieces.map((piece) => ({ choices: [{ delta: { tool_calls: [piece] } }] }));
  const end = { choices: [{ delta: {}, finish_reason: "tool_calls" }] };
  const raw = [...chunks, end].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");
  return { match: { kind: "route" }, reply: { raw: `${raw}data: [DONE]\n\n` } };
}

async function streamed(model: Model): Promise<{ text: string; toolCalls: unknown }> {
  let text = "";
  let toolCalls: unknown;
  for await (const event of model.stream(REQUEST, never)) {
    if (event.kind === "failed") throw event.error;
    if (event.kind === "text") text += event.text;
    else toolCalls = event.toolCalls;
  }
  return { text, toolCalls };
}

describe("a request for JSON of a schema", () => {
  it("calls a function where the endpoint knows no such format, and remembers it", async () => {
    const { server, model } = await serve(NO_FORMAT, { ...CALLED, times: 2 });
    for (let call = 0; call < 2; call += 1) {
      expect(await model.complete(REQUEST, never)).toMatchObject({ text: JSON_TEXT, finishReason: "stop" });
    }
    expect(server.log()).toHaveLength(3);
    expect(server.log()[2]?.request).toMatchObject({
      tools: [{ function: { name: "route_city", parameters: schema } }],
      tool_choice: { function: { name: "route_city" } },
    });
    expect(server.log()[2]?.request).not.toHaveProperty("response_format");
  });

  it("streams the function's arguments as its text, and no call", async () => {
    const { model } = await serve(NO_FORMAT, streamedCall());
    expect(await streamed(model)).toEqual({ text: JSON_TEXT, toolCalls: undefined });
  });

  it("is put in words where the endpoint knows no functions either, and its JSON freed of others", async () => {
    const reply = { text: `Sure:\n\`\`\`json\n${JSON_TEXT}\n\`\`\`` };
    const { server, model } = await serve(NO_FORMAT, NO_TOOLS, {
      match: { kind: "answer" },
      reply,
      times: 2,
    });
    expect(await model.complete(REQUEST, never)).toMatchObject({ text: JSON_TEXT });
    expect(await streamed(model)).toMatchObject({ text: JSON_TEXT });
    expect(server.log()).toHaveLength(4);
    const content = expect.stringMatching(/^Find the city\.\n\n.*JSON Schema is:\n\{"type":"object"/s);
    expect(server.log()[3]?.request).toMatchObject({ messages: [{ role: "system", content }, {}] });
  });

  it("is made in another way after a 422 too, for a schema that is not taken this once alone", async () => {
    const { server, model } = await serve(
      refusing("route", "Invalid schema for response_format 'route_city'", 422),
      CALLED,
      { match: { kind: "route" }, reply: { json: { city: "Oslo" } } },
    );
    for (let call = 0; call < 2; call += 1) {
      expect(await model.complete(REQUEST, never)).toMatchObject({ text: JSON_TEXT });
    }
    expect(server.log()[2]?.request).toHaveProperty("response_format");
  });

  it.each([
    ["about something else", refusing("route", "max_tokens is too large")],
    ["about the key", refusing("route", "response_format", 401)],
  ])("fails as it is after a refusal %s", async (_, step) => {
    const { server, model } = await serve(step);
    expect(await model.complete(REQUEST, never)).toMatchObject({ kind: "failed" });
    expect(server.log()).toHaveLength(1);
  });

  it("has its schema in words beside tools of its own", async () => {
    const { server, model } = await serve(NO_FORMAT, {
      match: { kind: "answer" },
      reply: { text: JSON_TEXT },
    });
    const tools = {
      list: [{ name: "look", description: "", parameters: {} }],
      choice: "auto",
      single: false,
    } as const;
    expect(await model.complete({ ...REQUEST, tools }, never)).toMatchObject({ text: JSON_TEXT });
    expect(server.log()[1]?.request).toMatchObject({ tools: [{ function: { name: "look" } }] });
  });
});

it("repeats a request without a schema in no other way", async () => {
  const { server, model } = await serve(refusing("answer", "response_format"));
  const { messages } = REQUEST;
  expect(await model.complete({ messages }, never)).toMatchObject({ error: { code: "FR-E1508" } });
  expect(server.log()).toHaveLength(1);
});

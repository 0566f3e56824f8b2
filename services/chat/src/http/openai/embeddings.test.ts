import type { Embedder } from "@forerun/embeddings/embedder";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EchoChat } from "../fixtures/echo-chat.ts";
import { postJson, startTestFront } from "../fixtures/test-front.ts";
import type { HttpServer } from "../server.ts";

/** Vectors that depend on the text, with numbers that have no short decimal form. */
const embedder: Embedder = {
  id: "local/tiny@abc",
  dimension: 3,
  embed: async (texts) =>
    texts.map(({ length }) => Float32Array.of(Math.cos(length), Math.sin(length), 1 / 3)),
};

let server: HttpServer;
let bare: HttpServer;
let openai: OpenAI;
beforeAll(async () => {
  server = await startTestFront(new EchoChat().implementation, { embedder });
  bare = await startTestFront(new EchoChat().implementation);
  openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
});
afterAll(() => Promise.all([server[Symbol.asyncDispose](), bare[Symbol.asyncDispose]()]));

const model = "local/tiny";
const vector = (length: number) => [...Float32Array.of(Math.cos(length), Math.sin(length), 1 / 3)];

describe("the openai client gets embeddings", () => {
  // Without a format the client asks for base64 and reads it itself.
  it.each(["float", undefined] as const)("as %s, one a text in their order", async (encoding_format) => {
    const input = ["one", "three"];
    const answer = await openai.embeddings.create({
      model,
      input,
      ...(encoding_format && { encoding_format }),
    });
    expect(answer).toMatchObject({
      object: "list",
      model,
      data: [
        { object: "embedding", index: 0, embedding: vector(3) },
        { object: "embedding", index: 1, embedding: vector(5) },
      ],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
  });

  it("of one text", async () => {
    const { data } = await openai.embeddings.create({
      model,
      input: "seven",
      encoding_format: "float",
      dimensions: 3,
    });
    expect(data.map(({ embedding }) => embedding)).toEqual([vector(5)]);
  });

  it("and finds the model's name in the list", async () => {
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(["forerun", model]);
    expect(await openai.models.retrieve(model)).toMatchObject({ id: model });
  });
});

describe("embeddings are refused", () => {
  it.each([
    ["input", { input: "" }],
    ["input", { input: [] }],
    ["input", { input: [[1, 2]] }],
    ["input", { input: Array.from({ length: 2_049 }, () => "a") }],
    ["dimensions", { dimensions: 2 }],
    ["encoding_format", { encoding_format: "int8" }],
    ["inputs", { inputs: "a" }],
  ])("for %s in %j", async (param, fields) => {
    const response = await postJson(`${server.url}/v1/embeddings`, { model, input: "a", ...fields });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param } }]);
  });

  it("for a model that does not embed, and chat for one that does", async () => {
    const wrong = openai.embeddings.create({ model: "forerun", input: "a" });
    await expect(wrong).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    const chat = openai.chat.completions.create({ model, messages: [{ role: "user", content: "a" }] });
    await expect(chat).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  });

  it("without an embedder, with the words that connect one", async () => {
    const response = await postJson(`${bare.url}/v1/embeddings`, { model, input: "a" });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: "FR-E1327", message: expect.stringMatching(/EMBEDDINGS=local.*EMBEDDINGS_URL/) } },
    ]);
  });
});

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sharedModelPath } from "@forerun/testing/shared-data";
import { SENTENCE_MODEL, skipWithoutSentenceModel } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cosine } from "../cosine.ts";
import reference from "./fixtures/reference.json" with { type: "json" };
import { LocalEmbedder } from "./local-embedder.ts";

const never = new AbortController().signal;
const folders: string[] = [];

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "forerun-model-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

skipWithoutSentenceModel()("a local embedder", () => {
  let embedder: LocalEmbedder;
  beforeAll(async () => {
    embedder = await LocalEmbedder.open(sharedModelPath(SENTENCE_MODEL));
  }, 60_000);
  afterAll(() => embedder[Symbol.asyncDispose]());

  const embed = (...texts: string[]) => embedder.embed(texts, never);

  it("says which model it runs, by name and content", () => {
    expect(embedder.id).toMatch(/^local\/all-MiniLM-L6-v2@[0-9a-f]{12}$/);
    expect(embedder.dimension).toBe(384);
  });

  it("gives the vectors that the model gives elsewhere", async () => {
    const vectors = await embed(...reference.vectors.map(({ text }) => text));
    for (const [at, { begins }] of reference.vectors.entries())
      for (const [place, value] of begins.entries()) expect(vectors[at]?.[place]).toBeCloseTo(value, 3);
  });

  it("gives vectors of length 1, the same alone and in company, also for nothing and for a megabyte", async () => {
    const texts = ["weather in Oslo", "", "long ".repeat(200_000), "17% of 2400"];
    const together = await embed(...texts);
    expect(together).toHaveLength(texts.length);
    for (const [at, text] of texts.entries()) {
      const [alone] = await embed(text);
      expect(together[at]).toEqual(alone);
      expect(cosine(together[at], alone)).toBeCloseTo(1, 5);
    }
  });

  it("puts texts that mean alike nearer than others", async () => {
    const [rain, umbrella, sum] = await embed("will it rain", "do I need an umbrella", "what is 3 plus 4");
    expect(cosine(rain, umbrella)).toBeGreaterThan(cosine(rain, sum));
  });

  it("answers a question before a catalogue that was asked for earlier", async () => {
    const ended: string[] = [];
    const catalogue = embed(...Array.from({ length: 200 }, (_, at) => `tool number ${at}`));
    const question = embed("weather in Oslo");
    await Promise.all([
      catalogue.then(() => ended.push("catalogue")),
      question.then(() => ended.push("question")),
    ]);
    expect(ended).toEqual(["question", "catalogue"]);
  });

  it("stops for a caller who is gone, and goes on for the others", async () => {
    const caller = new AbortController();
    const given = embedder.embed(Array(500).fill("a tool"), caller.signal);
    const other = embed("weather in Oslo");
    caller.abort(new Error("gone"));
    await expect(given).rejects.toThrow("gone");
    expect(await other).toHaveLength(1);
    await expect(embedder.embed(["late"], caller.signal)).rejects.toThrow("gone");
  });

  it("refuses what is asked of it after its end", async () => {
    const closed = await LocalEmbedder.open(sharedModelPath(SENTENCE_MODEL));
    const asked = closed.embed(Array(500).fill("a tool"), never);
    const refused = expect(asked).rejects.toThrow("closed");
    await closed[Symbol.asyncDispose]();
    await refused;
    await expect(closed.embed(["late"], never)).rejects.toThrow("closed");
  });

  it("keeps a process alive until a busy thread has ended", async () => {
    const code = `
      const { LocalEmbedder } = await import(${JSON.stringify(new URL("./local-embedder.ts", import.meta.url).href)});
      const embedder = await LocalEmbedder.open(${JSON.stringify(sharedModelPath(SENTENCE_MODEL))});
      embedder.embed(["a tool"], new AbortController().signal).catch(() => {});
      await embedder[Symbol.asyncDispose]();
      console.log("closed");`;
    const args = ["--import", "tsx", "--input-type=module", "-e", code];
    expect((await promisify(execFile)(process.execPath, args)).stdout).toBe("closed\n");
  });

  it.each([
    ["is not there", "nowhere"],
    ["has no graph", folderWith({ "onnx/readme.md": "" })],
    ["has no tokenizer", folderWith({ "onnx/model.onnx": "" })],
    ["has another kind of tokenizer", folderWith({ "onnx/model.onnx": "", "tokenizer.json": "{}" })],
  ])("says so when the folder %s", async (_, folder) => {
    await expect(LocalEmbedder.open(folder)).rejects.toMatchObject({ code: "FR-E1521" });
  });
});

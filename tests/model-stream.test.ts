/** What reaches a client of a model's stream: every byte of a whole one, and never a broken one as if it were whole. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import fc from "fast-check";
import OpenAI from "openai";
import { describe, expect } from "vitest";
import { type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

type Step = Script["steps"][number];

/** Runs with an answer tier of these models, each with its steps; all of them are owed. */
async function withModels(
  scripts: readonly Step[][],
  run: (forerun: RunningForerun, models: readonly ScriptedModel[]) => Promise<void>,
): Promise<void> {
  const models = await Promise.all(scripts.map((steps) => startScriptedModel(steps)));
  const folder = await mkdtemp(join(tmpdir(), "forerun-models-"));
  const answer = models.map(({ url }, at) => ({ url, model: `model-${at}` }));
  const config = join(folder, "forerun.yaml");
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ models: { tiers: { answer } } }));
  try {
    await using forerun = await startForerun({ CONFIG: config });
    await run(forerun, models);
    expect(models.flatMap((model) => model.unused())).toEqual([]);
    expect(models.flatMap((model) => model.log()).filter(({ unexpected }) => unexpected)).toEqual([]);
  } finally {
    for (const model of models) await model[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  }
}

/** The text that the openai client reads; throws what it throws. */
async function readStream(forerun: RunningForerun, content: string): Promise<string> {
  const openai = new OpenAI({ baseURL: `${forerun.ready.http}/v1`, apiKey: "unused", maxRetries: 0 });
  const messages = [{ role: "user" as const, content }];
  let text = "";
  for await (const chunk of await openai.chat.completions.create({
    model: "forerun",
    messages,
    stream: true,
  })) {
    text += chunk.choices[0]?.delta.content ?? "";
  }
  return text;
}

const answering = (contains: string) => ({ kind: "answer" as const, contains });

/** A stream as an endpoint may write it, cut anywhere, and the text in it. */
const cutStream = fc
  .record({
    words: fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 12,
    }),
    eol: fc.constantFrom("\n", "\r\n", "\r"),
    comment: fc.boolean(),
    ends: fc.constantFrom(0, 1, 2),
    cuts: fc.array(fc.nat(5_000), { maxLength: 6 }),
  })
  .map(({ words, eol, comment, ends, cuts }) => {
    const event = (data: string) => `${comment ? `: note${eol}` : ""}data: ${data}${eol}${eol}`;
    const chunk = (content: string, finish: string | null) =>
      event(JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] }));
    // Spaces alone would be an answer without a word.
    const texts = ["So: ", ...words];
    const events = [
      ...texts.map((text) => chunk(text, null)),
      chunk("", "stop"),
      event("[DONE]").repeat(ends),
    ];
    return { text: texts.join(""), parts: cutAt(Buffer.from(events.join("")), cuts) };
  });

function cutAt(bytes: Buffer, cuts: readonly number[]): { base64: string }[] {
  const places = new Set([0, bytes.length, ...cuts.map((place) => place % bytes.length)]);
  const at = [...places].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => ({ base64: bytes.subarray(at[index], end).toString("base64") }));
}

describe("a model's stream", () => {
  scenario("model.bytes", async () => {
    const streams = fc.sample(cutStream, { numRuns: 200, seed: 4 });
    const steps = streams.map(({ parts }, at) => ({
      match: answering(`Story ${at}.`),
      reply: { raw: { parts } },
      token_ms: 1,
    }));
    await withModels([steps], async (forerun) => {
      for (const [at, { text }] of streams.entries()) {
        expect(await readStream(forerun, `Story ${at}.`)).toBe(text);
      }
    });
  });

  scenario("model.half", async () => {
    const text = "word ".repeat(100).trimEnd();
    // Streams that begin lie between those that do not: five of these in a row would put the endpoint to rest.
    const halves = (["reset", "fin", "end"] as const).flatMap((close) =>
      [0, 0.01, 0.5, 0.99].map((at) => ({ at, close })),
    );
    const steps = halves.map((half, at) => ({
      match: answering(`Story ${at}.`),
      reply: { half: { text, ...half } },
      times: 2,
    }));
    await withModels([steps], async (forerun) => {
      for (const at of halves.keys()) {
        await expect(readStream(forerun, `Story ${at}.`)).rejects.toThrow("the turn failed");
        const response = await fetch(`${forerun.ready.http}/chat`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ text: `Story ${at}.` }),
        });
        expect(await response.json()).toMatchObject({ state: "TURN_STATE_FAILED" });
      }
    });
  });

  scenario("model.fallback", async () => {
    const asked = answering("Tell me a story.");
    const scripts: Step[][] = [
      [{ match: asked, reply: { status: 503 } }],
      [{ match: asked, reply: { text: "Once upon a time." } }],
    ];
    await withModels(scripts, async (forerun) => {
      expect(await readStream(forerun, "Tell me a story.")).toBe("Once upon a time.");
      const metrics = await (await fetch(forerun.ready.metrics)).text();
      const attempt = (model: string, outcome: string) =>
        new RegExp(`^forerun_model_attempts_total\\{.*model="${model}".*outcome="${outcome}".*\\} 1$`, "m");
      expect(metrics).toMatch(attempt("model-0", "failed"));
      expect(metrics).toMatch(attempt("model-1", "ok"));
    });
  });
});

/** Turns and vectors with a sentence model in a local folder: a whole process, no network. */
import { cosine } from "@forerun/embeddings/cosine";
import { sharedModelPath } from "@forerun/testing/shared-data";
import { SENTENCE_MODEL, skipWithoutSentenceModel } from "@forerun/testing/skip-without";
import OpenAI from "openai";
import { afterAll, beforeAll, expect } from "vitest";
import { type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { until } from "./support/until.ts";

/** It has no word of any tool's. */
const MEANT = "do I need sunscreen in Rome tomorrow";

type Turn = { state: string; decision: { candidates: { name: string }[] } };

skipWithoutSentenceModel()("with a local sentence model", () => {
  let forerun: RunningForerun;
  beforeAll(async () => {
    forerun = await startForerun({ EMBEDDINGS: "local", EMBEDDINGS_DIR: sharedModelPath(SENTENCE_MODEL) });
  });
  afterAll(() => forerun[Symbol.asyncDispose]());

  scenario(
    "embeddings.rank",
    async () => {
      const likeliest = async () => {
        const response = await fetch(`${forerun.ready.http}/chat`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ text: MEANT }),
        });
        const turn = (await response.json()) as Turn;
        expect(turn.state).toBe("TURN_STATE_COMPLETED");
        return turn.decision.candidates[0]?.name;
      };
      // Words decide where a loaded machine embeds late; asked again, the question has its vector.
      await until(async () => (await likeliest()) === "get_weather", "a decision by meaning", 60_000);
    },
    90_000,
  );

  scenario("embeddings.serve", async () => {
    const openai = new OpenAI({ baseURL: `${forerun.ready.http}/v1`, apiKey: "unused", maxRetries: 0 });
    const input = ["will it rain", "do I need an umbrella", "what is 3 plus 4"];
    const { data } = await openai.embeddings.create({
      model: `local/${SENTENCE_MODEL}`,
      input,
      encoding_format: "float",
    });
    const [rain, umbrella, sum] = data.map(({ embedding }) => Float32Array.from(embedding));
    expect(rain).toHaveLength(384);
    expect(cosine(rain, umbrella)).toBeGreaterThan(cosine(rain, sum));
  });
});

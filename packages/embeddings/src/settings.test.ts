import { parseConfigFile } from "@forerun/runtime/config-file";
import { expect, it } from "vitest";
import { readEmbeddings } from "./settings.ts";

const EMBED_TIER =
  "models: {tiers: {embed: [{url: http://localhost:9/v1, model: first}, {url: http://localhost:8/v1, model: second}]}}";

const read = (env: Record<string, string>, yaml = "") =>
  readEmbeddings(env, parseConfigFile(yaml, "forerun.yaml").config);

it.each([
  ["nothing", {}, "", { kind: "lexical" }],
  [
    "lexical, whatever else is set",
    { EMBEDDINGS: "lexical", EMBEDDINGS_URL: "http://localhost:1/v1" },
    EMBED_TIER,
    { kind: "lexical" },
  ],
  [
    "a local folder",
    { EMBEDDINGS: "local", EMBEDDINGS_DIR: "models/mini" },
    EMBED_TIER,
    { kind: "local", folder: "models/mini" },
  ],
  ["a folder without the word local", { EMBEDDINGS_DIR: "models/mini" }, "", { kind: "lexical" }],
  [
    "an endpoint",
    { EMBEDDINGS_URL: "http://localhost:1/v1", EMBEDDINGS_MODEL: "mini" },
    EMBED_TIER,
    { kind: "remote", options: { url: "http://localhost:1/v1", model: "mini", key: undefined } },
  ],
  [
    "the file's first model",
    {},
    EMBED_TIER,
    { kind: "remote", options: { url: "http://localhost:9/v1", model: "first" } },
  ],
])("reads %s", (_, env, yaml, settings) => {
  expect(read(env, yaml)).toMatchObject(settings);
});

it("demands a folder with EMBEDDINGS=local", () => {
  expect(() => read({ EMBEDDINGS: "local" })).toThrow(
    "EMBEDDINGS_DIR: expected the folder of a sentence model",
  );
});

it.each([
  ["http://models.example/v1", "http://models.example/v1", "secret"],
  ["http://models.example/v1", "http://other.example/v1", undefined],
  [undefined, "https://api.openai.com/v1", "secret"],
  [undefined, "http://localhost:1/v1", undefined],
])("with MODEL_URL %s gives the endpoint %s the key %s", (MODEL_URL, EMBEDDINGS_URL, key) => {
  const model = MODEL_URL === undefined ? {} : { MODEL_URL };
  const settings = read({ ...model, EMBEDDINGS_URL, OPENAI_API_KEY: "secret" });
  expect(settings).toMatchObject({ kind: "remote", options: { key } });
});

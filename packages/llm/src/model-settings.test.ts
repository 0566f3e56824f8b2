import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FILE_CONFIG } from "@forerun/runtime/file-config";
import { describe, expect, it } from "vitest";
import { type ModelEnvironment, readTier } from "./model-settings.ts";

/** The first model of either tier that every turn uses. */
function settings(variables: ModelEnvironment, tiers: object = {}, env: Record<string, string> = {}) {
  const { models } = FILE_CONFIG.parse({ models: { tiers } });
  return {
    route: readTier("route", variables, models, env).common[0],
    answer: readTier("answer", variables, models, env).common[0],
  };
}

const URL = "http://127.0.0.1:1/v1";

it("keep each list's order, with a price, and a tenant's own list apart", () => {
  const price = { input: 0.15, output: 0.6, cached: 0.075 };
  const { models } = FILE_CONFIG.parse({
    models: {
      tiers: {
        escalate: [
          { url: URL, model: "first", price },
          { url: URL, model: "second" },
        ],
      },
      tenants: { acme: { escalate: [{ url: URL, model: "own", key: "env:ACME_KEY" }] } },
    },
  });
  const tier = readTier("escalate", { MODEL_URL: URL, MODEL: "m" }, models, { ACME_KEY: "k" });
  expect(tier.common).toMatchObject([
    { model: "first", price },
    { model: "second", price: undefined },
  ]);
  expect(tier.tenants.get("acme")).toMatchObject([{ model: "own", key: "k" }]);
  expect(readTier("judge", {}, models, {})).toEqual({ common: [], tenants: new Map() });
  expect(() => readTier("escalate", {}, models, {})).toThrow("ACME_KEY");
});

describe("the settings that connect a model", () => {
  it("connect none when none is set, or only a name", () => {
    expect(settings({})).toEqual({ route: undefined, answer: undefined });
    expect(settings({ MODEL: "m" })).toEqual({ route: undefined, answer: undefined });
  });

  it("use one model for both tiers unless the router has its own", () => {
    expect(settings({ MODEL_URL: URL, MODEL: "m" })).toMatchObject({
      route: { url: URL, key: undefined, model: "m", timeoutMs: 10_000 },
      answer: { url: URL, key: undefined, model: "m", timeoutMs: 30_000 },
    });
    expect(settings({ OPENAI_API_KEY: "k", MODEL: "large", ROUTE_MODEL: "small" })).toMatchObject({
      route: { url: undefined, key: "k", model: "small" },
      answer: { url: undefined, key: "k", model: "large" },
    });
  });

  it.each<[string, ModelEnvironment]>([
    ["OPENAI_API_KEY", { OPENAI_API_KEY: "k-secret" }],
    ["MODEL_URL", { MODEL_URL: URL }],
  ])("ask for the model's name when %s is set, without repeating it", (name, variables) => {
    expect(() => settings(variables)).toThrow(`because ${name} is set`);
    expect(() => settings(variables)).not.toThrow("k-secret");
  });

  it("come from the file's entry, its key read from where it is kept, beside a key that names no model", () => {
    const path = join(mkdtempSync(join(tmpdir(), "key-")), "key");
    writeFileSync(path, "from-file\n");
    const tiers = {
      route: [{ url: URL, model: "small", key: "env:ROUTE_KEY", timeout: "3s" }],
      answer: [{ url: URL, model: "large", key: `file:${path}` }],
    };
    expect(settings({ OPENAI_API_KEY: "k" }, tiers, { ROUTE_KEY: "from-env" })).toEqual({
      route: { url: URL, key: "from-env", model: "small", timeoutMs: 3_000 },
      answer: { url: URL, key: "from-file", model: "large", timeoutMs: 30_000 },
    });
  });

  it.each([
    ["a key and a name", { OPENAI_API_KEY: "k", MODEL: "mine" }],
    ["an address and a name", { MODEL_URL: "http://127.0.0.1:1/v1", MODEL: "mine" }],
  ])("come from the variables when these say %s, whatever the file says", (_what, variables) => {
    const tiers = { answer: [{ url: URL, model: "large" }] };
    expect(settings(variables, tiers)).toMatchObject({ answer: { model: "mine" }, route: { model: "mine" } });
  });

  it.each(["env:MISSING", "file:/nowhere/key"])("say where the key was looked for: %s", (key) => {
    const place = key.slice(key.indexOf(":") + 1);
    expect(() => settings({}, { route: [{ url: URL, model: "m", key }] })).toThrow(place);
  });
});

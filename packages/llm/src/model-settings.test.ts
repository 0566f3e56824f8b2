import { describe, expect, it } from "vitest";
import { z } from "zod";
import { modelSettings, modelVariables, requireModelName } from "./model-settings.ts";

const schema = z.object(modelVariables).superRefine(requireModelName);

describe("the variables that connect a model", () => {
  it("connect none when none is set, or only a name", () => {
    expect(modelSettings({})).toBeUndefined();
    expect(modelSettings({ MODEL: "m" })).toBeUndefined();
  });

  it("use one model for both tiers unless the router has its own", () => {
    const local = modelSettings({ MODEL_URL: "http://127.0.0.1:1/v1", MODEL: "m" });
    expect(local).toMatchObject({ route: { model: "m", key: undefined }, answer: { model: "m" } });
    const split = modelSettings({ OPENAI_API_KEY: "k", MODEL: "large", ROUTE_MODEL: "small" });
    expect(split).toMatchObject({ route: { model: "small", url: undefined }, answer: { model: "large" } });
  });

  it.each([{ OPENAI_API_KEY: "k" }, { MODEL_URL: "http://127.0.0.1:1/v1" }])(
    "ask for the model's name when %j is set",
    (variables) => {
      expect(schema.safeParse(variables).error?.issues).toMatchObject([{ path: ["MODEL"] }]);
    },
  );

  it("refuse an address that is no http URL", () => {
    expect(schema.safeParse({ MODEL_URL: "localhost:11434", MODEL: "m" }).success).toBe(false);
  });
});

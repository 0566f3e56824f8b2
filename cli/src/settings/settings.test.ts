import { describeIssue } from "@forerun/runtime/config-fault";
import { FILE_CONFIG } from "@forerun/runtime/file-config";
import { expect, it } from "vitest";
import { listSettings } from "./settings.ts";

const SECRET = "sesame-4711";

it("shows no secret of a variable or of an address", () => {
  const env = {
    OPENAI_API_KEY: SECRET,
    MODEL_URL: `http://me:${SECRET}@localhost/v1`,
    QUOTE_URL: `https://quotes.example/q?token=${SECRET}&symbol={symbol}`,
    DATABASE_URL: `postgres://me:${SECRET}@localhost/chat`,
  };
  const raw = { models: { tiers: { answer: [{ url: env.MODEL_URL, model: "m" }] } } };
  const file = { config: FILE_CONFIG.parse({}), raw, lines: new Map<string, number>() };
  const settings = listSettings({ env, flags: {}, file, fileName: "forerun.yaml" });
  expect(JSON.stringify(settings)).not.toContain(SECRET);
  const shownOf = (key: string) => settings.find((setting) => setting.key === key)?.value;
  expect(shownOf("MODEL_URL")).toBe("http://…@localhost/v1");
  expect(shownOf("PORT")).toBe(8080);
});

it("repeats no secret of an address in a fault", () => {
  const issue = { code: "custom" as const, message: "expected an address", path: [], input: undefined };
  expect(describeIssue(issue, `ftp://me:${SECRET}@host`, false)).toBe(
    'expected an address, got "ftp://…@host"',
  );
});

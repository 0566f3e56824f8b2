import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { REQUIREMENTS } from "./requirements.ts";
import { ROOT } from "./support/forerun-process.ts";

const SCENARIO = /scenario\(\s*"([^"]+)"/g;

function citedIds(): Set<string> {
  const folder = join(ROOT, "tests");
  const files = readdirSync(folder, { encoding: "utf8", recursive: true }).filter((name) =>
    name.endsWith(".test.ts"),
  );
  const texts = files.map((name) => readFileSync(join(folder, name), "utf8"));
  return new Set(texts.flatMap((text) => [...text.matchAll(SCENARIO)].map((match) => match[1] ?? "")));
}

it("finds scenarios at all", () => {
  expect(citedIds().size).toBeGreaterThan(10);
});

it("cites every promise in a scenario, and no promise that is not listed", () => {
  expect([...citedIds()].sort()).toEqual(Object.keys(REQUIREMENTS).sort());
});

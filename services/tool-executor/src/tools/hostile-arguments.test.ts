import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedDataPath } from "@forerun/testing/shared-data";
import { skipWithoutData } from "@forerun/testing/skip-without";
import type { JsonObject } from "@forerun/toolkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BuiltInTools, createBuiltInTools } from "../built-in-tools.ts";
import { endOf, executorWith } from "../fixtures/domain.ts";
import { json, startHttp } from "../fixtures/open-meteo.ts";
import type { FailureCode } from "../tool-call.ts";

/** What arguments may end in; the other codes would be faults of ours. */
const EXPECTED: readonly (FailureCode | "ok")[] = ["ok", "invalid_arguments", "not_found", "failed"];

let server: Awaited<ReturnType<typeof startHttp>>;
let builtIn: BuiltInTools;
let outcomeOf: (name: string, args: JsonObject) => Promise<string>;

beforeAll(async () => {
  const [noPlaces, notFound] = [json({ generationtime_ms: 0.1 }), json({ message: "not found" }, 404)];
  server = await startHttp((request, response) =>
    (request.url?.startsWith("/v1/search") ? noPlaces : notFound)(request, response),
  );
  builtIn = createBuiltInTools({
    forecastUrl: server.url,
    geocodingUrl: server.url,
    frankfurterUrl: server.url,
    quoteUrl: server.url,
    search: async () => ({ kind: "ok", snippets: [] }),
    now: () => new Date("2026-11-24T12:00:00Z"),
  });
  const { executor } = executorWith(...builtIn.tools);
  outcomeOf = async (name, args) => {
    const end = await endOf(executor, { name, arguments: args });
    return end.kind === "result" ? "ok" : end.code;
  };
});

afterAll(async () => {
  await builtIn[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test("any JSON as arguments of any built-in tool ends in a result or a reason", async () => {
  const names = [
    "calculator",
    "convert_units",
    "current_time",
    "date_math",
    "exchange_rate",
    "get_weather",
    "search_knowledge",
    "stock_quote",
  ];
  const keys = [
    "expression",
    "value",
    "from",
    "to",
    "time_zone",
    "date",
    "add",
    "until",
    "place",
    "latitude",
    "query",
    "amount",
    "symbol",
    "k",
    "__proto__",
  ];
  const args = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), args, async (name, given) => {
      expect(EXPECTED).toContain(await outcomeOf(name, given as JsonObject));
    }),
    { numRuns: 1000 },
  );
});

const SETS = "f_payloads/fuzzdb";

skipWithoutData(SETS)("public attack lines in every text argument", () => {
  const folder = sharedDataPath(SETS);
  const lines = readdirSync(folder)
    .flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"))
    .filter((line) => line.length > 0);
  const offline: ((text: string) => [string, JsonObject])[] = [
    (text) => ["calculator", { expression: text }],
    (text) => ["convert_units", { value: 1, from: text, to: "km" }],
    (text) => ["current_time", { time_zone: text }],
    (text) => ["date_math", { date: text }],
    (text) => ["search_knowledge", { query: text }],
    (text) => ["exchange_rate", { from: text, to: "EUR" }],
    (text) => ["stock_quote", { symbol: text }],
  ];

  test("are data: each call ends in a result or a reason, and no file appears", async () => {
    expect(lines.length).toBeGreaterThan(1000);
    const before = readdirSync(process.cwd());
    for (const text of lines) {
      for (const callOf of offline) expect(EXPECTED).toContain(await outcomeOf(...callOf(text)));
    }
    expect(readdirSync(process.cwd())).toEqual(before);
  }, 120_000);

  describe("sent to a service", () => {
    test("stay one query value, byte for byte", async () => {
      const sample = lines.filter(
        (line, index) => index % 10 === 0 && line.length <= 200 && !line.includes(","),
      );
      for (const text of sample) {
        server.urls.length = 0;
        expect(await outcomeOf("geocode", { place: text })).toBe("not_found");
        expect(server.urls.map((url) => [url.pathname, url.searchParams.get("name")])).toEqual([
          ["/v1/search", text.trim()],
        ]);
      }
    }, 60_000);
  });
});

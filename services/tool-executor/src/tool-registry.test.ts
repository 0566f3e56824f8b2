import { describe, expect, test } from "vitest";
import { registrar, tool } from "./fixtures/domain.ts";
import { toolFilter } from "./tool-filter.ts";
import { type Rank, ToolRegistry } from "./tool-registry.ts";

function registryWith(enabled: string[] = ["*"]) {
  const registry = new ToolRegistry({ enabled: toolFilter(enabled), now: () => 0 });
  const put = (source: string, rank: Rank, ...names: string[]) =>
    registry.put(
      source,
      rank,
      names.map((name) => registrar(tool({ name }), { source, revision: source })),
    );
  const sources = () =>
    Object.fromEntries(registry.snapshot.tools.map((each) => [each.tool.name, each.source]));
  return { registry, put, sources };
}

test("a file replaces a package's tool and both replace a built-in one; without it the other is back", () => {
  const { registry, put, sources } = registryWith();
  put("built-in", "built-in", "a", "b");
  put("package:p", "package", "a");
  put("file:a.ts", "file", "a");
  expect(sources()).toEqual({ a: "file:a.ts", b: "built-in" });
  registry.remove("file:a.ts");
  expect(sources()).toEqual({ a: "package:p", b: "built-in" });
  registry.remove("package:p");
  expect(sources()).toEqual({ a: "built-in", b: "built-in" });
  expect(registry.snapshot.broken).toEqual([]);
});

test("of two files with one name the first by file name is in use, and the other is named as broken", () => {
  const { registry, put, sources } = registryWith();
  put("file:z.ts", "file", "a");
  put("file:b.ts", "file", "a");
  expect(sources()).toEqual({ a: "file:b.ts" });
  expect(registry.snapshot.broken).toEqual([
    { source: "file:z.ts", code: "FR-E1404", message: '"a" is taken by file:b.ts; rename one of the two' },
  ]);
});

test("a source that breaks keeps what it offered, and mending it clears the fault", () => {
  const { registry, put, sources } = registryWith();
  put("file:a.ts", "file", "a");
  registry.break("file:a.ts", "file", { code: "FR-E1402", message: "syntax" });
  expect(sources()).toEqual({ a: "file:a.ts" });
  expect(registry.snapshot.broken).toEqual([{ source: "file:a.ts", code: "FR-E1402", message: "syntax" }]);
  put("file:a.ts", "file", "a");
  expect(registry.snapshot.broken).toEqual([]);
});

test("the version changes with any definition, and with nothing else", () => {
  const { registry, put } = registryWith();
  put("x", "file", "a", "b");
  const { version } = registry.snapshot;
  put("x", "file", "b", "a");
  expect(registry.snapshot.version).toBe(version);
  put("x", "file", "a");
  expect(registry.snapshot.version).not.toBe(version);
});

test("a watcher gets the tools at once, then the latest after each change, and ends with its signal", async () => {
  const { registry, put } = registryWith();
  put("x", "file", "a");
  const end = new AbortController();
  const watch = registry.watch(end.signal);
  const names = async () =>
    (await watch.next()).value?.tools.map((each: { tool: { name: string } }) => each.tool.name);
  expect(await names()).toEqual(["a"]);
  const next = names();
  put("y", "file", "b");
  put("z", "file", "c");
  expect(await next).toEqual(["a", "b", "c"]);
  const last = watch.next();
  end.abort();
  expect(await last).toEqual({ done: true, value: undefined });
});

describe("the tools in use are chosen by patterns", () => {
  test.each([
    [["*"], ["get_weather", "get_time", "stock"]],
    [["get_*"], ["get_weather", "get_time"]],
    [["*", "!get_*"], ["stock"]],
    [
      ["*", "!get_*", "get_time"],
      ["get_time", "stock"],
    ],
    [["*e*e*"], ["get_weather", "get_time"]],
    [["stock", "nobody"], ["stock"]],
    [[], []],
  ])("%j", (patterns, expected) => {
    const { put, sources } = registryWith(patterns);
    put("x", "file", "get_weather", "get_time", "stock");
    expect(Object.keys(sources()).sort()).toEqual([...expected].sort());
  });

  test("a pattern of many stars takes no time", () => {
    const fits = toolFilter([`${"*a".repeat(500)}b`]);
    const start = performance.now();
    expect(fits("a".repeat(100_000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(200);
  });
});

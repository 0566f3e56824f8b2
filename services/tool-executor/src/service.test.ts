import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { Effect } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { bind } from "@forerun/rpc/binding";
import { asCaller, callerOf } from "@forerun/rpc/call-context";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import type { Logger } from "@forerun/runtime/logger";
import { describe, expect, test } from "vitest";
import { never } from "./fixtures/domain.ts";
import { startService } from "./fixtures/running-service.ts";

const OTHER_TENANT: Caller = { ...LOCAL_CALLER, tenant: "other" };
const local = () => asCaller(LOCAL_CALLER, { signal: never() });

/** A tool file whose run waits for its signal and then leaves a mark in a file. */
const waiting = (mark: string) => `
  import { writeFile } from "node:fs/promises";
  export default {
    name: "waiting", description: "Waits.", effect: "read", input: { type: "object" }, output: {}, examples: [],
    timeoutMs: 30000, cacheTtlMs: 0,
    async run(_args, { signal, progress }) {
      progress("waiting", 0.1);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await writeFile(${JSON.stringify(mark)}, "stopped");
      return {};
    },
  };`;

async function serviceWithWaitingTool() {
  const folder = await mkdtemp(join(tmpdir(), "forerun-test-"));
  const mark = join(folder, "mark");
  await mkdir(join(folder, "tools"));
  await writeFile(join(folder, "tools", "waiting.js"), waiting(mark));
  const service = await startService({ toolsDir: join(folder, "tools"), projectDir: folder });
  return {
    ...service,
    stopped: () =>
      expect.poll(() => readFile(mark, "utf8").catch(() => ""), { timeout: 1000 }).toBe("stopped"),
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe("ToolService over gRPC", () => {
  test("lists the built-in tools with schemas, effects and examples", async () => {
    await using service = await startService();
    const { tools, version, broken } = await service.client.listTools({}, local());
    expect(tools.map((tool) => tool.name)).toEqual([
      ...[
        "calculator",
        "convert_units",
        "current_time",
        "date_math",
        "exchange_rate",
        "geocode",
        "get_weather",
        "search_knowledge",
        "stock_quote",
      ],
    ]);
    expect(broken).toEqual([]);
    expect(version).toMatch(/^[\w-]{22}$/);
    for (const tool of tools) {
      expect(tool.effect).not.toBe(Effect.WRITE);
      expect(tool.examples.length).toBeGreaterThanOrEqual(5);
      expect(tool).toMatchObject({
        source: "built-in",
        inputSchema: { type: "object" },
        outputSchema: { type: "object" },
      });
    }
  });

  test("hashes are equal on every replica", async () => {
    await using one = await startService();
    await using two = await startService();
    expect((await one.client.listTools({}, local())).version).toBe(
      (await two.client.listTools({}, local())).version,
    );
  });

  test("every example of a built-in tool fits its own input schema", async () => {
    const nobody = "http://127.0.0.1:9";
    await using service = await startService({
      environment: {
        OPEN_METEO_URL: nobody,
        GEOCODING_URL: nobody,
        FRANKFURTER_URL: nobody,
        QUOTE_URL: nobody,
      },
    });
    const { tools } = await service.client.listTools({}, local());
    for (const { name, examples } of tools) {
      for (const example of examples) {
        const end = await service.call(name, example.arguments ?? {});
        expect({ text: example.text, code: end.code }).not.toMatchObject({ code: "invalid_arguments" });
      }
    }
  });

  test("gives one tool by name, and the nearest name for one that is not there", async () => {
    await using service = await startService();
    expect((await service.client.getTool({ name: "calculator" }, local())).tool?.name).toBe("calculator");
    const error = await service.client.getTool({ name: "calculater" }, local()).catch(ConnectError.from);
    expect(error).toMatchObject({ code: Code.NotFound, rawMessage: 'there is no tool "calculater"' });
  });

  test("refuses a request without a call", async () => {
    await using service = await startService();
    const stream = service.client.execute({}, local())[Symbol.asyncIterator]();
    await expect(stream.next()).rejects.toMatchObject({ code: Code.InvalidArgument });
  });

  test("Cancel stops a running tool within a second, for its own tenant alone", async () => {
    await using service = await serviceWithWaitingTool();
    const request = { call: { callId: "c1", name: "waiting" }, turnId: "t1" };
    const events = service.client.execute(request, local())[Symbol.asyncIterator]();
    expect((await events.next()).value?.event).toMatchObject({
      case: "accepted",
      value: { effect: Effect.READ },
    });
    expect((await events.next()).value?.event).toMatchObject({
      case: "progress",
      value: { text: "waiting" },
    });
    const foreign = asCaller(OTHER_TENANT, { signal: never() });
    expect(await service.client.cancel({ turnId: "t1", callId: "c1" }, foreign)).toMatchObject({
      stopped: false,
    });
    expect(await service.client.cancel({ turnId: "t1", callId: "c1" }, local())).toMatchObject({
      stopped: true,
    });
    expect((await events.next()).value?.event).toMatchObject({
      case: "failure",
      value: { code: "cancelled" },
    });
    await service.stopped();
  });

  test("a client that leaves the stream stops the tool", async () => {
    await using service = await serviceWithWaitingTool();
    for await (const { event } of service.client.execute(
      { call: { callId: "c1", name: "waiting" } },
      local(),
    )) {
      if (event.case === "progress") break;
    }
    await service.stopped();
  });
});

describe("configuration", () => {
  test("FORERUN_TOOLS=off runs without any tool", async () => {
    await using service = await startService({ environment: { FORERUN_TOOLS: "off" } });
    expect((await service.client.listTools({}, local())).tools).toEqual([]);
    expect(await service.call("calculator", { expression: "1" })).toMatchObject({ code: "unknown_tool" });
  });

  test("forerun.yaml chooses tools and overrides timeouts and cache times", async () => {
    const file = `tools: {enabled: ["get_*", "calculator"], timeout: 2s, get_weather: {timeout: 9s, cache_ttl: 1m}}`;
    await using service = await startService({ file });
    const { tools } = await service.client.listTools({}, local());
    expect(tools.map(({ name, timeoutMs, cacheTtlMs }) => ({ name, timeoutMs, cacheTtlMs }))).toEqual([
      { name: "calculator", timeoutMs: 2000, cacheTtlMs: 3_600_000 },
      { name: "get_weather", timeoutMs: 9000, cacheTtlMs: 60_000 },
    ]);
  });
});

test("settings for a tool that is not there are warned of, with the nearest name", async () => {
  const warned: object[] = [];
  const none = () => {};
  const log: Logger = {
    debug: none,
    info: none,
    warn: (fields) => warned.push(fields),
    error: none,
    child: () => log,
  };
  await using _service = await startService({ file: "tools: {get_wether: {timeout: 1s}}", log });
  expect(warned).toEqual([{ tool: "get_wether", nearest: "get_weather" }]);
});

test("log lines tell the tool, the time and the outcome, never arguments or results", async () => {
  const lines: object[] = [];
  const note = (fields: object, message: string) => void lines.push({ ...fields, message });
  const log: Logger = { debug: note, info: note, warn: note, error: note, child: () => log };
  await using service = await startService({ log });
  await service.call("calculator", { expression: "313373133733 * 2" });
  await service.call("calculator", { expresion: "313373133733" });
  const calls = lines.filter((line) => "message" in line && line.message === "tool call");
  expect(calls).toMatchObject([
    { tool: "calculator", call_id: "c1", turn_id: "t1", early: false, outcome: "ok", ms: expect.any(Number) },
    { tool: "calculator", outcome: "invalid_arguments" },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/313373133733|626746267466|626,746,267,466/);
});

describe("search_knowledge", () => {
  const source = {
    documentId: "d1",
    title: "Handbook",
    uri: "docs/handbook.md",
    page: 2,
    start: 10,
    end: 15,
    quote: "Rule.",
  };

  test("asks the memory service as the caller and keeps the citations", async () => {
    const asked: object[] = [];
    const memory = bind(MemoryService, {
      search(request, ctx) {
        asked.push({ text: request.text, k: request.k, tenant: callerOf(ctx).tenant });
        return { snippets: [{ source, score: 0.5, headings: ["Rules"] }] };
      },
    });
    await using service = await startService({ memory });
    const end = await service.call("search_knowledge", { query: "rules" }, OTHER_TENANT);
    expect(asked).toEqual([{ text: "rules", k: 5, tenant: "other" }]);
    expect(end.output).toEqual({
      snippets: [
        {
          source: {
            document_id: "d1",
            title: "Handbook",
            uri: "docs/handbook.md",
            page: 2,
            start: 10,
            end: 15,
            quote: "Rule.",
          },
          score: 0.5,
          headings: ["Rules"],
        },
      ],
    });
    expect(end.rendered).toBe("Handbook: Rule.");
  });

  test("says so when nothing fits and when the service fails", async () => {
    await using empty = await startService();
    expect(await empty.call("search_knowledge", { query: "rules" })).toMatchObject({
      rendered: "Nothing in the knowledge base fits.",
    });
    const memory = bind(MemoryService, {
      search() {
        throw new ConnectError("postgres at 10.0.0.5", Code.Unavailable);
      },
    });
    await using failing = await startService({ memory });
    const end = await failing.call("search_knowledge", { query: "rules" });
    expect(end).toMatchObject({ code: "unreachable" });
    expect(end.message).not.toContain("10.0.0.5");
  });
});

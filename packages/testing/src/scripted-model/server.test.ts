import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import type { Script } from "./script.ts";
import { type ScriptedModel, startScriptedModel } from "./server.ts";

let model: ScriptedModel | undefined;

afterEach(async () => {
  await model?.[Symbol.asyncDispose]();
  model = undefined;
});

async function start(...steps: Script["steps"]): Promise<ScriptedModel> {
  model = await startScriptedModel(steps);
  return model;
}

function ask(url: string, text: string, more: object = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: text }], ...more }),
    ...(signal && { signal }),
  });
}

const ROUTE = {
  response_format: { type: "json_schema", json_schema: { name: "route_decision", schema: {} } },
};

describe("a scripted model", () => {
  it("answers each kind of call with its own step", async () => {
    const { url, log, unused } = await start(
      { match: { kind: "answer" }, reply: { text: "four" } },
      { match: { kind: "route" }, reply: { json: { action: "answer" } } },
    );
    const route = await (await ask(url, "2+2", ROUTE)).json();
    const answer = await (await ask(url, "2+2")).json();
    expect(JSON.parse(route.choices[0].message.content)).toEqual({ action: "answer" });
    expect(answer.choices[0]).toMatchObject({ message: { content: "four" }, finish_reason: "stop" });
    expect(answer.usage).toMatchObject({ prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 });
    expect(log().map(({ kind, unexpected }) => [kind, unexpected])).toEqual([
      ["route", false],
      ["answer", false],
    ]);
    expect(unused()).toEqual([]);
  });

  it("picks the first step whose text occurs in the conversation, and each as often as it says", async () => {
    const { url } = await start(
      { match: { kind: "answer", contains: "Oslo" }, reply: { text: "cold" }, times: 2 },
      { match: { kind: "answer" }, reply: { text: "unknown" } },
    );
    const texts = [];
    for (const place of ["Oslo", "Rome", "Oslo"]) {
      texts.push((await (await ask(url, `weather in ${place}`)).json()).choices[0].message.content);
    }
    expect(texts).toEqual(["cold", "unknown", "cold"]);
  });

  it("refuses and logs a call that no step expects, and names the steps that are still owed", async () => {
    const { url, log, unused } = await start({ match: { kind: "judge" }, reply: { text: "-" } });
    const response = await ask(url, "hello");
    expect(response.status).toBe(500);
    expect(log()[0]).toMatchObject({ kind: "answer", unexpected: true, step: null });
    expect(unused()).toEqual([{ step: 0, match: { kind: "judge" }, left: 1 }]);
    expect(await (await fetch(new URL("/_unused", url))).json()).toEqual(unused());
  });

  it("streams token by token, with usage only where it was asked for", async () => {
    const { url } = await start({ match: { kind: "answer" }, reply: { text: "one two three" }, times: 2 });
    const plain = await (await ask(url, "count", { stream: true })).text();
    const counted = await (
      await ask(url, "count", { stream: true, stream_options: { include_usage: true } })
    ).text();
    const contents = [...plain.matchAll(/"content":"([^"]*)"/g)].map((match) => match[1]);
    expect(contents.join("")).toBe("one two three");
    expect(contents).toHaveLength(4);
    expect(plain.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(plain).not.toContain("usage");
    expect(counted).toContain('"completion_tokens":4');
  });

  it("notes when a client left a call that hangs", async () => {
    const { url, log, settled } = await start({ match: { kind: "answer" }, reply: { hang: "first_token" } });
    const gone = new AbortController();
    const response = await ask(url, "hello", { stream: true }, gone.signal);
    expect(log()[0]?.close_ms).toBeNull();
    gone.abort();
    await settled();
    await response.body?.cancel().catch(() => {});
    expect(log()[0]).toMatchObject({ closed_by: "client" });
  });

  it("sends statuses, raw bytes and half answers as they stand", async () => {
    const { url, log } = await start(
      { match: { kind: "answer" }, reply: { status: 429, retry_after: 7 } },
      { match: { kind: "answer" }, reply: { raw: "not an answer" } },
      { match: { kind: "answer" }, reply: { half: { text: "never whole", at: 0.5, close: "reset" } } },
    );
    const limited = await ask(url, "a");
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await (await ask(url, "b")).text()).toBe("not an answer");
    await expect(ask(url, "c", { stream: true }).then((response) => response.text())).rejects.toThrow();
    expect(log()[2]).toMatchObject({ closed_by: "server" });
  });

  it("names every fault of a script", async () => {
    await expect(
      startScriptedModel([{ match: { kind: "answer" }, reply: { text: "a" }, times: 0 }]),
    ).rejects.toThrow(/steps\[0\]\.times/);
  });
});

it("the command prints a ready line, serves its script and ends on SIGTERM", async () => {
  const folder = await mkdtemp(join(tmpdir(), "scripted-"));
  const script = join(folder, "script.json");
  await writeFile(script, JSON.stringify({ steps: [{ match: { kind: "answer" }, reply: { text: "hi" } }] }));
  const main = new URL("./main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", "tsx", main, "--port", "0", "--script", script]);
  const [line] = await once(createInterface(child.stdout), "line");
  const ready = JSON.parse(line);
  expect(ready).toMatchObject({ event: "ready", pid: child.pid });
  const models = await (await fetch(`${ready.model_url}/models`)).json();
  expect(models.data).toHaveLength(1);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

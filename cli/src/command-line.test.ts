/** The command line as a shell sees it: real processes, exit codes, what goes to stdout and what to stderr. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const BINARY = fileURLToPath(new URL("../bin/forerun.mjs", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "forerun-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Run = { args: readonly string[]; env?: Record<string, string>; stdin?: string };
type Outcome = { code: number | null; stdout: string; stderr: string };

/** Runs in an empty folder, so that nothing of this repository is found by accident. */
async function forerun({ args, env = {}, stdin = "" }: Run): Promise<Outcome> {
  const child = spawn(process.execPath, [BINARY, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, FORERUN_URL: "http://127.0.0.1:1", ...env },
  });
  child.stdin.end(stdin);
  const exit = once(child, "exit") as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
}

describe("forerun, from any folder", () => {
  it("prints its version on stdout and nothing else", async () => {
    expect(await forerun({ args: ["--version"] })).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: "",
    });
  });

  it.each([
    [["chta", "hi"], "did you mean chat?", "see forerun --help"],
    [["tool", "lst"], "did you mean list?", "see forerun tool --help"],
    [["chat", "--no-speculaton", "hi"], "did you mean --no-speculation?", "see forerun chat --help"],
    [["chat"], "missing required argument 'text'", "see forerun chat --help"],
    [["turn", "show", "last", "-o", "xml"], "Allowed choices are text, json", "see forerun turn show --help"],
    [["memory", "search", "-k", "0", "x"], "expected a whole number from 1 to 50", "memory search --help"],
    [["tool", "call", "calculator", "--args", "{"], "expected a JSON object", "for example"],
  ])("words the mistake in %j, exits with 2 and keeps stdout clean", async (args, hint, fix) => {
    const { code, stdout, stderr } = await forerun({ args });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("✖ FR-E1801");
    expect(stderr).toContain(hint);
    expect(stderr).toContain(fix);
    expect(stderr).toContain("docs/errors/FR-E1801.md");
  });

  it("shows help on stderr and exits with 2 when a group is called without its verb", async () => {
    const { code, stdout, stderr } = await forerun({ args: ["tool"] });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: forerun tool");
  });

  it("writes no colour into a pipe", async () => {
    const { stdout, stderr } = await forerun({ args: ["config", "show"], env: { FORCE_COLOR: "1" } });
    expect(stdout + stderr).not.toContain("\x1b[");
  });
});

describe("configuration", () => {
  it("says where each value comes from: flag, environment, file, default", async () => {
    const path = join(folder, "some.yaml");
    writeFileSync(path, "\nlimits:\n  max_tool_calls: 3\n");
    const { stdout } = await forerun({
      args: ["config", "show", "--port", "9000", "-o", "json"],
      env: { PORT: "7000", GRPC_PORT: "7001", CONFIG: path },
    });
    const settings = JSON.parse(stdout) as { key: string; value: unknown; origin: string }[];
    expect(settings).toContainEqual({ key: "PORT", value: "9000", origin: "flag --port" });
    expect(settings).toContainEqual({ key: "GRPC_PORT", value: "7001", origin: "env" });
    expect(settings).toContainEqual({ key: "limits.max_tool_calls", value: 3, origin: "some.yaml:3" });
    expect(settings).toContainEqual({ key: "limits.deadline", value: "60s", origin: "default" });
  });

  it("lists every fault of environment and file at once and exits with 3", async () => {
    const path = join(folder, "wrong.yaml");
    writeFileSync(path, "tools:\n  timeout: 8OOms\nlimts: {}\n");
    const { code, stdout, stderr } = await forerun({
      args: ["config", "validate"],
      env: { CONFIG: path, PORT: "eighty", MODEL_URL: "http://127.0.0.1:1/v1" },
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain('PORT: expected a port from 0 to 65535, got "eighty"');
    expect(stderr).toContain("✖ FR-E1203  wrong.yaml:2  tools.timeout: expected a duration");
    expect(stderr).toContain("did you mean 800ms?");
    expect(stderr).toContain("✖ FR-E1201  wrong.yaml:3  limts: unknown key … did you mean limits?");
  });

  it("tells a program the same as JSON", async () => {
    const { code, stdout } = await forerun({
      args: ["config", "validate", "-o", "json"],
      env: { PORT: "x" },
    });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, faults: [{ code: "FR-E1203", key: "PORT" }] });
  });

  it("needs a model's name as soon as there is a model", async () => {
    const { code, stderr } = await forerun({
      args: ["config", "validate"],
      env: { MODEL_URL: "http://127.0.0.1:1/v1" },
    });
    expect(code).toBe(3);
    expect(stderr.match(/environment {2}MODEL: expected the name/g)).toHaveLength(1);
  });

  it("explains a key, and suggests one for a key that does not exist", async () => {
    const known = await forerun({ args: ["config", "explain", "tools.get_weather.timeout"] });
    expect(known).toMatchObject({ code: 0, stdout: expect.stringContaining("a duration such as 800ms") });
    for (const key of ["limts.deadline", "limits.deadlin"]) {
      const unknown = await forerun({ args: ["config", "explain", key] });
      expect(unknown).toMatchObject({
        code: 3,
        stdout: "",
        stderr: expect.stringContaining("did you mean limits.deadline?"),
      });
    }
  });

  it("never prints a secret", async () => {
    const { stdout, stderr } = await forerun({
      args: ["config", "show"],
      env: { OPENAI_API_KEY: "sk-very-secret", MODEL: "m", FORERUN_TOKEN: "tkn-very-secret" },
    });
    expect(stdout).toContain("(set, not shown)");
    expect(stdout + stderr).not.toContain("very-secret");
  });
});

describe("start", () => {
  it("refuses an explicit port that is taken, names its holder and exits with 3", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    const port = typeof address === "object" && address ? String(address.port) : "";
    const { code, stdout, stderr } = await forerun({ args: ["start"], env: { PORT: port } });
    holder.close();
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(`✖ FR-E1001  port ${port} is taken by`);
    if (process.platform === "linux") expect(stderr).toContain(`(process ${process.pid})`);
  });

  it("refuses an address that others reach while nobody checks who calls", async () => {
    const { code, stdout, stderr } = await forerun({ args: ["start", "--host", "0.0.0.0"] });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("✖ FR-E1002  HOST=0.0.0.0");
  });
});

describe("a server elsewhere", () => {
  it("is not replaced by this machine when it does not answer: exit code 4", async () => {
    const env = { FORERUN_URL: "http://forerun.invalid" };
    const { code, stdout, stderr } = await forerun({ args: ["chat", "hi"], env });
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toContain("✖ FR-E1802  nothing answers at http://forerun.invalid");
  });
});

describe("another program at the server's address", () => {
  it.each([
    ["a page", 200],
    ["a 404", 404],
    ["a 400", 400],
  ])("is told from Forerun when it answers with %s: exit code 4", async (_what, status) => {
    const other = createHttpServer((_request, response) => {
      response.writeHead(status, { "content-type": "text/html" }).end("<p>Hello</p>");
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    const env = { FORERUN_URL: `http://127.0.0.1:${(other.address() as AddressInfo).port}` };
    const runs = [forerun({ args: ["chat", "hi"], env }), forerun({ args: ["tool", "list"], env })];
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
      expect(stderr).toContain(`✖ FR-E1802  what answers at ${env.FORERUN_URL} is not Forerun`);
    }
    other.close();
  });
});

describe("route", () => {
  it("answers each line in its place, tells of a bad one, and exits with 1", async () => {
    const stdin = '{"id":"a","text":"what is 17% of 2400?"}\nnot json\n{"id":"b","text":"hello there"}\n';
    const { code, stdout, stderr } = await forerun({ args: ["route", "--top", "2"], stdin });
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({
      id: "a",
      action: "call",
      tier: 0,
      calls: [{ name: "calculator", arguments: { expression: "17% of 2400" } }],
    });
    expect(lines[1]).toMatchObject({ id: null, line: 2, error: { code: "FR-E1901" } });
    expect(lines[2]).toMatchObject({ id: "b", calls: [] });
    expect(code).toBe(1);
    expect(stderr).toContain("1 line could not be read");
  });

  it("uses the tools of a file instead of the built-in ones", async () => {
    const path = join(folder, "tools.json");
    const input_schema = { type: "object", properties: { room: { type: "string" } }, required: ["room"] };
    writeFileSync(
      path,
      JSON.stringify([{ name: "book_room", description: "Books a meeting room.", input_schema }]),
    );
    const { code, stdout } = await forerun({
      args: ["route", "--tools", path],
      stdin: '{"text":"17% of 2400"}\n',
    });
    expect(code).toBe(0);
    expect(stdout).not.toContain("calculator");
  });
});

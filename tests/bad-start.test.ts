/** Starts that cannot succeed and files that cannot be used: named with code, cause and fix, and in nobody else's way. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type RunningForerun, runForerun, startForerun } from "./support/forerun-process.ts";
import { postConnect, postConnectStream } from "./support/http-door.ts";
import { answerOf } from "./support/outcome.ts";
import { scenario } from "./support/scenario.ts";
import { expectStillRight } from "./support/still-right.ts";
import { until } from "./support/until.ts";

let forerun: RunningForerun;
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "forerun-test-"));
  forerun = await startForerun();
});

afterAll(async () => {
  await forerun[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const FREE = { PORT: "0", GRPC_PORT: "0", METRICS_ADDR: "127.0.0.1:0" };

/** A start that is refused: its code and words on stderr, the page that tells more, and nothing on stdout. */
async function expectNoStart(env: Record<string, string>, code: string, says: RegExp): Promise<void> {
  const { code: exit, stdout, stderr } = await runForerun(["start"], { ...FREE, ...env });
  expect([exit, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(new RegExp(`^✖ ${code} {1,2}\\S`, "m"));
  expect(stderr).toMatch(says);
  expect(stderr).toContain(`docs/errors/${code}.md`);
}

describe("a start that cannot succeed", () => {
  scenario(
    "input.starts",
    async () => {
      const [http, grpc, metrics] = [
        forerun.ready.http,
        `http://${forerun.ready.grpc}`,
        forerun.ready.metrics,
      ];
      const taken = (url: string) => new URL(url).port;
      const dataDir = join(scratch, "never");
      const env = { DATA_DIR: dataDir };
      await expectNoStart({ ...env, PORT: taken(http) }, "FR-E1001", /port \d+ is taken by .+set PORT/);
      await expectNoStart({ ...env, GRPC_PORT: taken(grpc) }, "FR-E1001", /set GRPC_PORT/);
      const address = `127.0.0.1:${taken(metrics)}`;
      await expectNoStart({ ...env, METRICS_ADDR: address }, "FR-E1001", /set METRICS_ADDR/);
      // Ports are looked at before anything is written.
      expect(await readdir(scratch)).toEqual([]);
    },
    60_000,
  );

  scenario(
    "input.starts",
    async () => {
      const file = join(scratch, "file");
      await writeFile(file, "not a folder");
      // Root may write where modes forbid it, so what is in the way is a file, and a file system that takes none.
      await expectNoStart({ DATA_DIR: join(file, "data") }, "FR-E1101", /Give DATA_DIR a folder/);
      await expectNoStart({ DATA_DIR: file }, "FR-E1101", /Give DATA_DIR a folder/);
      await expectNoStart({ DATA_DIR: "/proc/forerun" }, "FR-E1101", /Give DATA_DIR a folder/);
      expect(await readdir(scratch)).toEqual(["file"]);
      await expectStillRight(forerun.ready.http);
    },
    60_000,
  );
});

const TOOLS = "forerun.tool.v1.ToolService";
const GOOD_TOOL = `export default {
  name: "shout", description: "Says it louder", effect: "pure",
  input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  output: { type: "string" }, examples: [], timeoutMs: 1000, cacheTtlMs: 0,
  run: async ({ text }) => text.toUpperCase(),
};
`;

describe("a tool file that is broken", () => {
  type Listed = { tools: { name: string }[]; broken?: { source: string; code: string; message: string }[] };
  const list = async () => answerOf(await postConnect<Listed>(forerun.ready.http, `${TOOLS}/ListTools`, {}));
  const codeOf = async (source: string) =>
    (await list()).broken?.find((broken) => broken.source === source)?.code ?? "";

  scenario(
    "input.broken-tool",
    async () => {
      const folder = join(forerun.dataDir, "tools");
      await mkdir(folder, { recursive: true });
      const call = { call_id: "c", name: "shout", arguments: { text: "hi" } };
      await writeFile(join(folder, "shout.ts"), GOOD_TOOL);
      await until(async () => (await list()).tools.some(({ name }) => name === "shout"), "the tool");

      // No two neighbours have the same code: each is waited for.
      const broken: [text: string, code: string][] = [
        ["export default {", "FR-E1402"],
        ["export default { name: 'NO' };", "FR-E1401"],
        ["throw new Error('no')", "FR-E1402"],
        [GOOD_TOOL.replace('type: "string" }, examples', 'type: "strung" }, examples'), "FR-E1403"],
        ["import './nowhere.ts'; export default {};", "FR-E1402"],
      ];
      for (const [text, code] of broken) {
        await writeFile(join(folder, "shout.ts"), text);
        await until(
          async () => (await codeOf("file:shout.ts")) === code,
          `${code} for ${JSON.stringify(text)}`,
        );
        const [fault] = (await list()).broken ?? [];
        expect(fault?.message).toMatch(/\S\. [A-Z].*\.$/s);
        // The version before is still in use, and so is everything else.
        const events = answerOf(await postConnectStream(forerun.ready.http, `${TOOLS}/Execute`, { call }));
        expect(events.at(-1)).toMatchObject({ result: { output: "HI" } });
      }
      await writeFile(join(folder, "shout.ts"), GOOD_TOOL);
      await until(async () => (await codeOf("file:shout.ts")) === "", "the mended tool");
      await writeFile(join(folder, "whisper.ts"), GOOD_TOOL.replace("toUpperCase", "toLowerCase"));
      await until(async () => (await codeOf("file:whisper.ts")) === "FR-E1404", "the taken name");
      await expectStillRight(forerun.ready.http);
    },
    60_000,
  );
});

describe("a document that cannot be read", () => {
  scenario("input.broken-document", async () => {
    const folder = join(scratch, "documents");
    await mkdir(folder);
    const write = async (name: string, content: string | Uint8Array) => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    };
    const paths = [
      await write("good.md", "# Zeppelins\n\nThe longest zeppelin was 245 metres long.\n"),
      await write("latin1.md", Buffer.from("caf\xe9", "latin1")),
      await write("binary.txt", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 0)),
      await write("blank.md", " \n\t\n"),
      await write("page.pdf", "%PDF-1.7"),
      join(folder, "missing.md"),
    ];
    const env = { FORERUN_URL: forerun.ready.http };
    const { code, stdout } = await runForerun(["ingest", ...paths, "-o", "json"], env);
    const { documents, chunks, skipped } = JSON.parse(stdout) as {
      documents: number;
      chunks: number;
      skipped: { path: string; code: string; message: string }[];
    };
    expect([code, documents, chunks]).toEqual([1, 1, 1]);
    const codes = Object.fromEntries(skipped.map(({ path, code: why }) => [path.split("/").at(-1), why]));
    expect(codes).toEqual({
      "latin1.md": "FR-E1607",
      "binary.txt": "FR-E1607",
      "blank.md": "FR-E1603",
      "page.pdf": "FR-E1606",
      "missing.md": "FR-E1605",
    });
    expect(skipped.every(({ message }) => /\w/.test(message))).toBe(true);
    const found = await runForerun(["memory", "search", "zeppelin", "-o", "json"], env);
    expect(JSON.parse(found.stdout)).toMatchObject([{ title: "Zeppelins" }]);
  });
});

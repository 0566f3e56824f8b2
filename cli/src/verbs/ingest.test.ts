import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Code, ConnectError } from "@connectrpc/connect";
import { type IngestRequest, MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { ErrorInfoSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordingTerminal, serveConnect } from "../fixtures.ts";
import { progressLine } from "../progress-line.ts";
import { ingest } from "./ingest.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "forerun-ingest-"));
  mkdirSync(join(folder, "guide/.git"), { recursive: true });
  writeFileSync(join(folder, "guide/start.md"), "# Start\n\nTwo commands.");
  writeFileSync(join(folder, "guide/notes.txt"), "notes");
  writeFileSync(join(folder, "guide/logo.png"), "no document");
  writeFileSync(join(folder, "guide/.git/hidden.md"), "hidden");
});
afterEach(() => rmSync(folder, { recursive: true }));

type Answer = (request: IngestRequest) => { chunks: number; unchanged?: boolean };

async function run(paths: readonly string[], answer: Answer, output: "text" | "json" = "json") {
  const stored: IngestRequest[] = [];
  const tokens: (string | null)[] = [];
  await using server = await serveConnect((router) => {
    router.service(MemoryService, {
      ingest(request, context) {
        tokens.push(context.requestHeader.get("authorization"));
        const answered = answer(request);
        stored.push(request);
        return answered;
      },
    });
  });
  const { terminal, stdout, stderr } = recordingTerminal();
  const env = { FORERUN_URL: server.url, FORERUN_TOKEN: "a-token" };
  const interrupt = new AbortController().signal;
  const code = await ingest({ paths, output }, { env, terminal, interrupt });
  return { code, stored, tokens, stdout: stdout(), stderr: stderr() };
}

describe("ingest", () => {
  it("takes the documents below a folder, passes over the rest, and sends the token", async () => {
    const { code, stored, tokens, stdout } = await run([folder], () => ({ chunks: 2 }));
    expect(stored.map(({ uri, mediaType }) => [uri, mediaType])).toEqual([
      [pathToFileURL(join(folder, "guide/notes.txt")).href, "text/plain"],
      [pathToFileURL(join(folder, "guide/start.md")).href, "text/markdown"],
    ]);
    expect(JSON.parse(stdout)).toEqual({ documents: 2, chunks: 4, skipped: [] });
    expect(tokens).toEqual(["Bearer a-token", "Bearer a-token"]);
    expect(code).toBe(0);
  });

  it("lists what it skipped with code and reason, stores the rest, and exits with 1", async () => {
    const paths = [
      join(folder, "guide/logo.png"),
      join(folder, "missing.md"),
      join(folder, "guide/start.md"),
    ];
    const { code, stored, stdout } = await run(paths, () => ({ chunks: 1 }));
    const { skipped } = JSON.parse(stdout) as { skipped: { path: string; code: string; message: string }[] };
    expect(skipped.map(({ path, code: reason }) => [path, reason])).toEqual([
      [join(folder, "missing.md"), "FR-E1605"],
      [join(folder, "guide/logo.png"), "FR-E1606"],
    ]);
    expect(stored).toHaveLength(1);
    expect(code).toBe(1);
  });

  it("goes on after a document that the server refuses", async () => {
    const details = [{ desc: ErrorInfoSchema, value: { reason: "FR-E1602", domain: "forerun" } }];
    const refuse: Answer = ({ uri }) => {
      if (!uri.endsWith(".md")) return { chunks: 1 };
      throw new ConnectError("too large", Code.InvalidArgument, undefined, details);
    };
    const { code, stdout } = await run([folder], refuse);
    expect(JSON.parse(stdout)).toMatchObject({
      documents: 1,
      skipped: [{ code: "FR-E1602", message: "too large" }],
    });
    expect(code).toBe(1);
  });

  it("ends when the server is gone", async () => {
    const gone = () => {
      throw new ConnectError("gone", Code.Unavailable);
    };
    await expect(run([folder], gone)).rejects.toMatchObject({ code: Code.Unavailable });
  });

  it("tells a person what was unchanged and what to do next", async () => {
    const { stdout, stderr } = await run([folder], () => ({ chunks: 1, unchanged: true }), "text");
    expect(stdout).toBe("2 documents (2 unchanged), 2 chunks, 0 skipped\n");
    expect(stderr).toBe('Next  npx forerun memory search "…"\n');
  });
});

describe("the progress line", () => {
  it("shows share, count and rate", () => {
    const line = progressLine({ done: 30, of: 40, begun: 0, unit: "files" }, 10_000);
    expect(line).toBe(`${"█".repeat(18)}${"░".repeat(6)}  30/40 files  3.0 files/s`);
  });

  it("shows no rate before there is one", () => {
    expect(progressLine({ done: 0, of: 40, begun: 0, unit: "files" }, 100)).not.toContain("/s");
  });
});

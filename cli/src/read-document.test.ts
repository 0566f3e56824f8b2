import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDocument } from "./read-document.ts";

describe("readDocument", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "forerun-read-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const given = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(folder, name), content);
    return readDocument(join(folder, name));
  };

  it("reads Markdown and plain text by the file's ending, in any case", async () => {
    expect(await given("a.MD", "# Fjord")).toMatchObject({ mediaType: "text/markdown", text: "# Fjord" });
    expect(await given("a.txt", "fjord\r\n")).toMatchObject({ mediaType: "text/plain", text: "fjord\r\n" });
  });

  it("drops a byte order mark", async () => {
    expect(await given("bom.txt", "\ufeffå")).toMatchObject({ kind: "read", text: "å" });
  });

  it.each([
    ["latin1.txt", new Uint8Array([0x66, 0xe5]), "FR-E1607"],
    ["binary.md", new Uint8Array([0x25, 0, 0x25]), "FR-E1607"],
    ["blank.md", " \n\t", "FR-E1603"],
    ["image.png", "png", "FR-E1606"],
    ["none", "text", "FR-E1606"],
  ])("skips %s with a code", async (name, content, code) => {
    expect(await given(name, content)).toMatchObject({ kind: "skipped", path: join(folder, name), code });
  });

  it("skips a file that is too large without reading it", async () => {
    await given("large.txt", "x");
    await truncate(join(folder, "large.txt"), 40_000_000_000);
    expect(await readDocument(join(folder, "large.txt"))).toMatchObject({
      kind: "skipped",
      code: "FR-E1602",
    });
  });

  it("skips what is missing, a folder and a pipe that nobody writes to", async () => {
    await mkdir(join(folder, "folder.md"));
    await promisify(execFile)("mkfifo", [join(folder, "pipe.md")]);
    for (const name of ["missing.md", "folder.md", "pipe.md"]) {
      expect(await readDocument(join(folder, name))).toMatchObject({ kind: "skipped", code: "FR-E1605" });
    }
  });
});

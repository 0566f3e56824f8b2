import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findBinary, locateBinary } from "./binaries.ts";

describe("findBinary", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "forerun-binaries-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("prefers FORERUN_BIN over everything else", async () => {
    const path = join(folder, "initdb");
    await writeFile(path, "#!/bin/sh\n");
    await chmod(path, 0o755);
    expect(findBinary("initdb", { FORERUN_BIN: folder, PATH: "/usr/bin" })).toBe(path);
  });

  it("passes over a file that is not executable", async () => {
    await writeFile(join(folder, "chromium"), "");
    expect(locateBinary("chromium", { FORERUN_BIN: folder })).not.toBe(join(folder, "chromium"));
  });

  it("names the install line when a binary is missing", () => {
    const nowhere = { PATH: folder };
    expect(() => findBinary("chromium", nowhere)).toThrow(/bash scripts\/components\.sh chromium/);
  });
});

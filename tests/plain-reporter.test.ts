/** The last line of a test run, seen on real runs of small suites. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "./support/forerun-process.ts";

let folder: string;

beforeEach(() => {
  // Below the repository, so that the suites find vitest.
  mkdirSync(join(ROOT, ".cache"), { recursive: true });
  folder = mkdtempSync(join(ROOT, ".cache/reporter-"));
  const reporter = join(ROOT, "scripts/plain-reporter.ts");
  writeFileSync(
    join(folder, "vitest.config.ts"),
    `import { PlainReporter } from ${JSON.stringify(reporter)};
     export default { test: { include: ["*.test.ts"], reporters: ["default", new PlainReporter()] } };`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a suite; gives the exit code and the lines of stdout. */
function run(suite: string): { code: number | null; lines: string[] } {
  writeFileSync(join(folder, "some.test.ts"), `import { expect, it } from "vitest";\n${suite}\n`);
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const { status, stdout } = spawnSync(process.execPath, [vitest, "run", "--root", folder], {
    encoding: "utf8",
  });
  return { code: status, lines: stdout.trimEnd().split("\n") };
}

describe("a test run", () => {
  it("ends with its count, and names what was skipped", () => {
    const { code, lines } = run(`
      it("adds", () => { expect(1 + 1).toBe(2); });
      it("subtracts", () => { expect(2 - 1).toBe(1); });
      it.skip("divides (needs a divisor)", () => {});
    `);
    expect(code).toBe(0);
    expect(lines.slice(-3)).toEqual([
      "skipped  some.test.ts > divides (needs a divisor)",
      "1 skipped",
      "2 passed, 0 failed",
    ]);
  });

  it("counts a failed test and keeps the exit code", () => {
    const { code, lines } = run('it("is wrong", () => { expect(1).toBe(2); }); it("is right", () => {});');
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("1 passed, 1 failed");
  });

  it("counts a module that cannot be loaded", () => {
    const { code, lines } = run('throw new Error("broken");');
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("0 passed, 1 failed");
  });

  it("has not passed when an error escaped every test", () => {
    const { code, lines } = run('it("is right", () => { void Promise.reject(new Error("escaped")); });');
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("1 passed, 1 failed");
  });
});

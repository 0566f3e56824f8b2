import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export type TestRun = Readonly<{
  passed: number;
  /** Full names of the tests that failed. */
  failed: readonly string[];
  /** What the run said, for when nothing could be tested at all. */
  output: string;
}>;

const REPORT = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({ assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) }),
  ),
});

/** Runs test files in a checkout, and stops at the first failure. A run that hangs counts as one that says nothing. */
export async function runTests(dir: string, files: readonly string[], timeoutMs: number): Promise<TestRun> {
  const report = join(dir, "report.json");
  rmSync(report, { force: true });
  const args = ["vitest", "run", "--bail=1", "--reporter=json", `--outputFile=${report}`, ...files];
  const child = spawn("npx", args, { cwd: dir, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    });
  const late = setTimeout(() => child.pid && process.kill(-child.pid, "SIGKILL"), timeoutMs);
  await once(child, "close");
  clearTimeout(late);
  const { numPassedTests: passed, testResults } = readReport(report);
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, fullName }) => (status === "failed" ? [fullName.trim()] : [])),
  );
  return { passed, failed, output };
}

function readReport(path: string): z.output<typeof REPORT> {
  try {
    return REPORT.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return { numPassedTests: 0, testResults: [] };
  }
}

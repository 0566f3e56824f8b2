import { defineConfig } from "vitest/config";
import { PlainReporter } from "./scripts/plain-reporter.ts";

export default defineConfig({
  test: {
    reporters: ["default", new PlainReporter()],
    include: [
      "packages/**/*.test.ts",
      "services/**/*.test.ts",
      "cli/**/*.test.ts",
      "web/**/*.test.ts",
      "gateway/**/*.test.ts",
      "evals/**/*.test.ts",
      "tests/**/*.test.ts",
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Worker threads of the code under test run TypeScript too.
    execArgv: ["--import", "tsx"],
    maxWorkers: 2,
  },
});

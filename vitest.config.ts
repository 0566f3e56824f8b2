import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/**/*.test.ts",
      "services/**/*.test.ts",
      "cli/**/*.test.ts",
      "web/**/*.test.ts",
      "tests/**/*.test.ts",
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Worker threads of the code under test run TypeScript too.
    execArgv: ["--import", "tsx"],
    maxWorkers: 2,
  },
});

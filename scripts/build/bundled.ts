import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What becomes a folder of `dist/`, and the file that runs it. */
export const BUNDLED = {
  memory: "services/memory/src/main.ts",
  "tool-executor": "services/tool-executor/src/main.ts",
  router: "services/router/src/main.ts",
  answer: "services/answer/src/main.ts",
  chat: "services/chat/src/main.ts",
  migrate: "cli/src/migrate/main.ts",
} as const;

export type BundledName = keyof typeof BUNDLED;

export const BUNDLED_NAMES = Object.keys(BUNDLED) as BundledName[];

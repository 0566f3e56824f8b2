import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import { DisposalStack } from "@forerun/runtime/disposal";
import { describe } from "vitest";
import { skipWithout } from "./skip-without.ts";

/** An empty store; a location as openDatabase takes it. */
export type TestStore = {
  location: { url: string } | { dataDir: string; folder: "chat" | "memory" };
} & AsyncDisposable;

type StoreKind = {
  name: "PGlite" | "Postgres";
  /** `describe`, or a named skip where the store's binary is missing. */
  suite: (title: string, body: () => void) => void;
  start(): Promise<TestStore>;
};

/** The stores that every suite about SQL runs on. */
export const STORES: readonly StoreKind[] = [
  { name: "PGlite", suite: (title, body) => describe(title, body), start: startPgliteStore },
  { name: "Postgres", suite: skipWithout("postgres"), start: startPostgresStore },
];

export async function startPgliteStore(): Promise<TestStore> {
  const dataDir = await mkdtemp(join(tmpdir(), "forerun-test-"));
  return {
    location: { dataDir, folder: "chat" },
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }),
  };
}

async function startPostgresStore(): Promise<TestStore> {
  const stack = new DisposalStack();
  const { url } = stack.use(await startPostgres());
  return { location: { url }, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

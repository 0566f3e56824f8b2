import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import type { Database } from "@forerun/db/database";
import { silentLogger } from "@forerun/runtime/logger";
import { skipWithout } from "@forerun/testing/skip-without";
import { describe } from "vitest";
import { openMemoryStore } from "./store/open-store.ts";

/** A store of its own for one test file, gone with its disposal. */
export type StoreUnderTest = { db: Database; url: string | undefined } & AsyncDisposable;

/** Runs a suite on the embedded store and on a real Postgres. */
export function onEveryStore(title: string, suite: (open: () => Promise<StoreUnderTest>) => void): void {
  describe(`${title}, on PGlite`, () => suite(openEmbedded));
  skipWithout("initdb")(`${title}, on Postgres`, () => suite(openPostgres));
}

async function openEmbedded(): Promise<StoreUnderTest> {
  const dataDir = await mkdtemp(join(tmpdir(), "forerun-memory-"));
  const db = await openMemoryStore({ databaseUrl: undefined, dataDir }, silentLogger);
  return {
    db,
    url: undefined,
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function openPostgres(): Promise<StoreUnderTest> {
  const server = await startPostgres();
  const db = await openMemoryStore({ databaseUrl: server.url, dataDir: "" }, silentLogger);
  return {
    db,
    url: server.url,
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { expect, it } from "vitest";
import { search } from "../search/search.ts";
import { deleteDocument, listDocuments, putDocument } from "./documents.ts";
import { openMemoryStore } from "./open-store.ts";

it("makes the embedded store with the first document, not with a question", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "forerun-memory-"));
  const open = () => openMemoryStore({ databaseUrl: undefined, dataDir }, silentLogger);
  const question = { text: "fjord", k: 5 };
  {
    await using db = await open();
    expect(await search(db, LOCAL_CALLER, question)).toEqual([]);
    expect((await listDocuments(db, LOCAL_CALLER, { size: 5, token: "" })).documents).toEqual([]);
    expect(await deleteDocument(db, LOCAL_CALLER, "00000000-0000-7000-8000-000000000000")).toBe(false);
    expect(existsSync(join(dataDir, "memory"))).toBe(false);
    const document = { uri: "a.txt", mediaType: "text/plain", text: "A fjord.", title: "" } as const;
    await putDocument(db, LOCAL_CALLER, document);
    expect(await search(db, LOCAL_CALLER, question)).toHaveLength(1);
  }
  await using reopened = await open();
  expect(await search(reopened, LOCAL_CALLER, question)).toHaveLength(1);
  await reopened[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbedded } from "./embedded.ts";
import { lazyDatabase } from "./lazy.ts";
import { type OpenOptions, openDatabase } from "./open.ts";
import { startPglite } from "./pglite/server.ts";

const OPTIONS: OpenOptions = {
  schema: "notes",
  role: "notes_rw",
  migrations: [{ id: "0001", sql: "create table notes (id int); grant select, insert on notes to notes_rw" }],
  log: silentLogger,
};
const WRITE = { name: "write", text: "insert into notes.notes values ($1::int)" };
const READ = { name: "read", text: "select id from notes.notes order by id" };

describe("the embedded store", { timeout: 60_000 }, () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "forerun-open-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const open = (options = OPTIONS) => openDatabase({ dataDir, folder: "chat" }, options);

  it("finds again what was written, and leaves nothing but its folder", async () => {
    const first = await open();
    await first.query(LOCAL_CALLER, WRITE, [1]);
    await first[Symbol.asyncDispose]();
    expect(readdirSync(dataDir)).toEqual(["chat"]);
    await using again = await open();
    expect(await again.query(LOCAL_CALLER, READ)).toEqual([{ id: 1 }]);
  });

  it("keeps what was committed when its process is killed, and refuses a second process before that", async () => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", fileURLToPath(new URL("./fixtures/writer.ts", import.meta.url)), dataDir],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let committed = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      committed = Number(line);
      if (committed === 5) {
        await expect(open()).rejects.toMatchObject({
          code: "FR-E1102",
          message: expect.stringContaining(`process ${child.pid}`),
        });
      }
      if (committed === 200) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    await using db = await open();
    const rows = await db.query<{ id: number }>(LOCAL_CALLER, READ);
    expect(rows.length).toBeGreaterThanOrEqual(200);
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, index) => index + 1));
  });

  it.each(["chat", `${"long".repeat(25)}`])(
    "serves on a socket that only its user reaches: %s",
    async (name) => {
      const server = await startPglite(join(dataDir, name), {}, () => {});
      expect(statSync(server.host).mode & 0o777).toBe(0o700);
      expect(statSync(join(server.host, `.s.PGSQL.${server.port}`)).mode & 0o777).toBe(0o600);
      await server[Symbol.asyncDispose]();
      expect(existsSync(server.host)).toBe(false);
    },
  );

  it("says which folder it cannot write", async () => {
    const file = join(dataDir, "a-file");
    writeFileSync(file, "");
    for (const place of [file, "/proc/forerun"]) {
      const opening = openDatabase({ dataDir: place, folder: "chat" }, OPTIONS);
      await expect(opening).rejects.toMatchObject({
        code: "FR-E1101",
        message: expect.stringContaining(place),
      });
    }
  });

  it("says that a damaged folder did not start, and frees its lock", async () => {
    await (await open())[Symbol.asyncDispose]();
    rmSync(join(dataDir, "chat", "global"), { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: "FR-E1103" });
    expect(readdirSync(dataDir)).toEqual(["chat"]);
  });

  it("begins anew where a process died while making the folder", async () => {
    const template = join(dataDir, "chat.new");
    writeFileSync(template, "half of something");
    await using db = await open();
    expect(await db.query(LOCAL_CALLER, READ)).toEqual([]);
    expect(existsSync(template)).toBe(false);
  });

  it("rolls a failed migration back and says what failed", async () => {
    const broken = {
      ...OPTIONS,
      migrations: [...OPTIONS.migrations, { id: "0002", sql: "create nonsense" }],
    };
    await expect(open(broken)).rejects.toMatchObject({ code: "42601" });
    await using db = await open();
    expect(await db.query(LOCAL_CALLER, READ)).toEqual([]);
  });

  it("holds several schemas, which take its one session in turns", async () => {
    await using store = await openEmbedded({ dataDir, folder: "chat" }, OPTIONS);
    const others = { ...OPTIONS, schema: "others", role: "others_rw" };
    await using notes = await openDatabase(store, OPTIONS);
    await notes.query(LOCAL_CALLER, WRITE, [1]);
    const [more] = await Promise.all([
      openDatabase(store, { ...others, migrations: [{ id: "0001", sql: "create table notes (id int)" }] }),
      ...Array.from({ length: 20 }, (_, at) => notes.query(LOCAL_CALLER, WRITE, [at + 2])),
    ]);
    await more[Symbol.asyncDispose]();
    expect(await notes.query(LOCAL_CALLER, READ)).toHaveLength(21);
  });

  it("is opened lazily at its first use, and again after a failure", async () => {
    let tries = 0;
    const db = lazyDatabase(async () => {
      tries += 1;
      if (tries === 1) throw new Error("not yet");
      return open();
    });
    expect(existsSync(join(dataDir, "chat"))).toBe(false);
    await expect(db.query(LOCAL_CALLER, READ)).rejects.toThrow("not yet");
    const reads = await Promise.all([db.query(LOCAL_CALLER, READ), db.query(LOCAL_CALLER, READ)]);
    expect(reads).toEqual([[], []]);
    expect(tries).toBe(2);
    await db[Symbol.asyncDispose]();
    expect(readdirSync(dataDir)).toEqual(["chat"]);
  });
});

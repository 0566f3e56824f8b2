import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireOwnerLock } from "./owner-lock.ts";
import { type ProcessIdentity, thisProcess } from "./process-identity.ts";

/** No process has this id: the kernel's largest is below it. */
const NO_PROCESS = 2 ** 30;

describe("the owner lock of a data folder", () => {
  let dir: string;
  let path: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "forerun-lock-"));
    path = join(dir, "chat.lock");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const leave = (over: Partial<ProcessIdentity>) =>
    writeFileSync(path, JSON.stringify({ ...thisProcess(), ...over }));

  it("names its owner and goes with it", () => {
    const lock = acquireOwnerLock(path);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
    lock[Symbol.dispose]();
    expect(readdirSync(dir)).toEqual([]);
  });

  it("refuses a second owner and names the first and what to do", () => {
    using _first = acquireOwnerLock(path);
    expect(() => acquireOwnerLock(path)).toThrow(
      expect.objectContaining({
        code: "FR-E1102",
        message: expect.stringContaining(`process ${process.pid} on host ${hostname()}`),
        fix: expect.stringContaining("DATA_DIR"),
      }),
    );
  });

  it("takes over from a process that is gone, or whose id another process has now", () => {
    leave({ pid: NO_PROCESS });
    acquireOwnerLock(path)[Symbol.dispose]();
    leave({ started: "1" });
    acquireOwnerLock(path)[Symbol.dispose]();
    expect(readdirSync(dir)).toEqual([]);
  });

  it("lets one of many take over", () => {
    leave({ pid: NO_PROCESS });
    const outcomes = Array.from({ length: 5 }, () => {
      try {
        return acquireOwnerLock(path);
      } catch {
        return undefined;
      }
    });
    expect(outcomes.filter((lock) => lock !== undefined)).toHaveLength(1);
  });

  it.each([
    ["another host", { host: "elsewhere" }],
    ["before a reboot", { boot: "an earlier one" }],
  ])("does not judge a lock from %s: the fix says to delete it", (_, over) => {
    leave({ ...over, pid: NO_PROCESS });
    expect(() => acquireOwnerLock(path)).toThrow(
      expect.objectContaining({ code: "FR-E1102", fix: expect.stringContaining(`delete ${path}`) }),
    );
    expect(existsSync(path)).toBe(true);
  });

  it.each(["", "{", "[]", '{"pid":"1"}'])("respects a lock it cannot read: %j", (content) => {
    writeFileSync(path, content);
    expect(() => acquireOwnerLock(path)).toThrow(expect.objectContaining({ code: "FR-E1102" }));
  });

  it("waits for no one who died while taking over: it names the file to delete", () => {
    leave({ pid: NO_PROCESS });
    writeFileSync(`${path}.takeover`, JSON.stringify({ ...thisProcess(), pid: NO_PROCESS }));
    expect(() => acquireOwnerLock(path)).toThrow(
      expect.objectContaining({ code: "FR-E1102", fix: expect.stringContaining(`${path}.takeover`) }),
    );
  });

  it("does not remove a lock that is another's by now", () => {
    const lock = acquireOwnerLock(path);
    leave({ started: "1" });
    lock[Symbol.dispose]();
    expect(existsSync(path)).toBe(true);
  });
});

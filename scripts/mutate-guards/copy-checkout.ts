import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Not copied: what is linked instead, and what no test of a guard reads. */
const LEFT_OUT = /^(node_modules|\.cache|data)\//;

/** A copy of the working tree, with the original's dependencies, and links to the copy's own packages. */
export function copyCheckout(root: string): { dir: string } & Disposable {
  const dir = mkdtempSync(join(tmpdir(), "forerun-guards-"));
  for (const file of filesOf(root)) {
    if (LEFT_OUT.test(file) || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    cpSync(join(root, file), join(dir, file));
  }
  linkModules(join(root, "node_modules"), join(dir, "node_modules"));
  if (existsSync(join(root, ".cache"))) symlinkSync(join(root, ".cache"), join(dir, ".cache"));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Tracked files and new ones that nothing ignores, relative to the root. */
export function filesOf(root: string): string[] {
  const options = { cwd: root, encoding: "utf8", maxBuffer: 64 * 1_048_576 } as const;
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    options,
  );
  return [...new Set(listed.split("\0").filter(Boolean))];
}

function linkModules(from: string, to: string): void {
  mkdirSync(join(to, "@forerun"), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== "@forerun" && !name.startsWith(".vite")) symlinkSync(join(from, name), join(to, name));
  }
  // These lead to packages by relative paths, which in the copy are the copy's.
  for (const name of readdirSync(join(from, "@forerun")))
    symlinkSync(readlinkSync(join(from, "@forerun", name)), join(to, "@forerun", name));
}

/**
 * Takes each check away that keeps tenants or roles apart (the calls to `guard`), one at a time in a copy of the checkout, and runs
 * the tests that are to notice. Exits with 1 when one stays green, or cannot be told. `npm run mutate:guards [-- ID…]` for some.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testsOf } from "./mutate-guards/caught-by.ts";
import { copyCheckout, filesOf } from "./mutate-guards/copy-checkout.ts";
import { findGuards, type Guard, taken } from "./mutate-guards/find-guards.ts";
import { runTests } from "./mutate-guards/run-tests.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PRODUCT = /^(packages|services|cli|gateway)\/.*\.ts$/;
const NO_PRODUCT = /\.test\.ts$|\/fixtures\/|^packages\/testing\//;
const TIMEOUT_MS = 120_000;

async function main(wanted: readonly string[]): Promise<number> {
  const all = findGuards(
    ROOT,
    filesOf(ROOT).filter((file) => PRODUCT.test(file) && !NO_PRODUCT.test(file)),
  );
  const guards = wanted.length === 0 ? all : all.filter(({ id }) => wanted.some((one) => id.startsWith(one)));
  if (guards.length === 0) return complain("there is no guard to take away");
  const untested = guards.filter(({ id }) => testsOf(id) === undefined);
  if (untested.length > 0) return complain(`no tests are named for ${idsOf(untested)}`);
  using copy = copyCheckout(ROOT);
  const files = [...new Set(guards.flatMap(({ id }) => testsOf(id) ?? []))];
  const whole = await runTests(copy.dir, files, 5 * TIMEOUT_MS);
  if (whole.failed.length > 0 || whole.passed === 0)
    return complain(`with every guard in its place: ${whole.failed[0] ?? whole.output}`);
  const green: Guard[] = [];
  for (const guard of guards) if (!(await noticed(guard, copy.dir))) green.push(guard);
  process.stdout.write(`${guards.length} guards, ${green.length} of them missed by nobody\n`);
  return green.length === 0 ? 0 : complain(`no test fails without ${idsOf(green)}`);
}

/** Whether a test fails without the guard. */
async function noticed(guard: Guard, dir: string): Promise<boolean> {
  const path = join(dir, guard.file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, taken(text, guard));
  const { failed, output } = await runTests(dir, testsOf(guard.id) ?? [], TIMEOUT_MS);
  writeFileSync(path, text);
  const [first] = failed;
  const verdict = first === undefined ? `GREEN ${output.slice(-500)}` : `red: ${first}`;
  process.stdout.write(`${guard.id.padEnd(26)} ${guard.file}:${guard.line}\n    ${verdict}\n`);
  return first !== undefined;
}

function idsOf(guards: readonly Guard[]): string {
  return guards.map(({ id }) => id).join(", ");
}

function complain(what: string): number {
  process.stderr.write(`✖ ${what}\n`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));

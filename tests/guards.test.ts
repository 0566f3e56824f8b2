import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { testsOf } from "../scripts/mutate-guards/caught-by.ts";
import { filesOf } from "../scripts/mutate-guards/copy-checkout.ts";
import { findGuards, guardsIn, taken } from "../scripts/mutate-guards/find-guards.ts";
import { scenario } from "./support/scenario.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE = 'import { guard } from "@forerun/runtime/guard";\n';

describe("the guards", () => {
  scenario("isolation.guards", async () => {
    const sources = filesOf(ROOT).filter((file) => /^(packages|services)\/.*(?<!\.test)\.ts$/.test(file));
    const guards = findGuards(
      ROOT,
      sources.filter((file) => existsSync(join(ROOT, file))),
    );
    expect(guards.length).toBeGreaterThan(30);
    for (const { id } of guards) {
      const tests = testsOf(id) ?? [];
      expect({
        id,
        named: tests.length > 0,
        missing: tests.filter((file) => !existsSync(join(ROOT, file))),
      }).toEqual({
        id,
        named: true,
        missing: [],
      });
    }
  });

  it.each([
    ['if (!guard("a", x === y)) return;', "if (!true) return;"],
    ['const key = [guard("a", tenant, ""), id];', 'const key = [(""), id];'],
    ['const text = "using " + guard("a", ROWS, "(true)");', 'const text = "using " + ("(true)");'],
  ])("are taken away from %s", (code, without) => {
    const text = SOURCE + code;
    const [guard] = guardsIn("a.ts", text);
    expect(guard && taken(text, guard)).toBe(SOURCE + without);
  });

  it("have literal names", () => {
    expect(() => guardsIn("a.ts", `${SOURCE}guard(name, true);`)).toThrow("a.ts:2");
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { readCases } from "./read-cases.ts";

const OWN = fileURLToPath(new URL("../routing", import.meta.url));

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "forerun-cases-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe("reading cases", () => {
  it("finds at least 150 of our own, of every kind and over every built-in tool", () => {
    const { cases, faults } = readCases([OWN]);
    expect(faults).toEqual([]);
    expect(cases.length).toBeGreaterThanOrEqual(150);
    const called = new Set(cases.flatMap((one) => one.expect.calls.map(({ name }) => name)));
    expect([...called].sort()).toEqual(
      "calculator convert_units current_time date_math exchange_rate geocode get_weather search_knowledge stock_quote".split(
        " ",
      ),
    );
  });

  it("names the file and the case of every fault, and goes on", () => {
    const folder = folderOf({
      "a.yaml":
        "- {id: a1, text: Hi, expect: {action: answer}, tags: [t]}\n- {id: a2, text: Hi, expect: {action: call}, tags: [t]}",
      "b.yml":
        "- {id: a1, text: Hi, expect: {action: answer}, tags: [t]}\n- {text: Hi, expect: {action: sing}, tags: []}",
      "c.yaml": "id: [",
      "d.yaml": "id: one",
      "notes.md": "no cases",
    });
    const { faults } = readCases([folder, join(folder, "gone.yaml")]);
    const named = faults.map((fault) => fault.replaceAll(`${folder}/`, ""));
    expect(named.slice(0, 2)).toEqual([
      "a.yaml: a2: expect: calls belong to the action call, and to no other",
      "b.yml: a1: the id stands already in a.yaml",
    ]);
    expect(named.filter((fault) => fault.startsWith("b.yml: case 2: ")).length).toBeGreaterThanOrEqual(3);
    expect(named.filter((fault) => fault.startsWith("c.yaml: "))).not.toEqual([]);
    expect(named).toContain("d.yaml: expected a list of cases");
    expect(named.at(-1)).toContain("gone.yaml: ENOENT");
  });

  it("does not take a folder without cases for a success", () => {
    expect(readCases([folderOf({})]).faults).toHaveLength(1);
  });
});

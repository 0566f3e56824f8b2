/** Each rule of the house is broken once on purpose, and the check that holds it has to notice. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dependencyFaults } from "../scripts/checks/check-dependencies.ts";
import { errorPageFaults } from "../scripts/checks/error-pages.ts";
import { foreignWordFaults } from "../scripts/checks/foreign-words.ts";
import { stalePageFaults } from "../scripts/checks/stale-pages.ts";
import { toolTableFaults } from "../scripts/checks/tool-table.ts";
import { unknownVariableFaults } from "../scripts/checks/unknown-variables.ts";
import { ROOT } from "./support/forerun-process.ts";

let house: string;

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), "forerun-breach-"));
});
afterEach(() => rmSync(house, { recursive: true }));

function plant(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), text);
  }
}

/** The rules that the planted files break, each once. */
async function brokenRules(files: Readonly<Record<string, string>>): Promise<string[]> {
  plant({ "tsconfig.json": "{}", ...files });
  const folders = [...new Set(Object.keys(files).map((path) => path.split("/")[0] ?? ""))];
  const faults = await dependencyFaults(house, { least: 1, folders });
  return [...new Set(faults.map((fault) => fault.split(":")[0] ?? ""))];
}

const leaf = "export const leaf = 1;\n";
const imports = (path: string) => `import { leaf } from "${path}";\nexport const used = leaf;\n`;

describe("who imports whom", () => {
  it.each<[rule: string, files: Record<string, string>]>([
    [
      "contracts-import-nothing-of-ours",
      { "packages/contracts/gen/a_pb.ts": imports("../../rpc/src/b.ts"), "packages/rpc/src/b.ts": leaf },
    ],
    [
      "packages-never-import-upwards",
      { "packages/rpc/src/a.ts": imports("../../../services/chat/src/b.ts"), "services/chat/src/b.ts": leaf },
    ],
    [
      "services-never-import-each-other",
      { "services/chat/src/a.ts": imports("../../router/src/b.ts"), "services/router/src/b.ts": leaf },
    ],
    [
      "services-never-import-upwards",
      { "services/chat/src/a.ts": imports("../../../cli/src/b.ts"), "cli/src/b.ts": leaf },
    ],
    [
      "domain-knows-no-wire",
      { "services/chat/src/a.ts": imports("./config.ts"), "services/chat/src/config.ts": leaf },
    ],
    [
      "domain-knows-no-wire",
      {
        "services/chat/src/a.ts": imports("../../../packages/contracts/gen/b_pb.ts"),
        "packages/contracts/gen/b_pb.ts": leaf,
      },
    ],
    [
      "main-is-imported-by-no-one",
      { "services/chat/src/app.ts": imports("./main.ts"), "services/chat/src/main.ts": leaf },
    ],
    [
      "web-imports-what-browsers-run",
      { "web/src/a.ts": imports("../../packages/runtime/src/b.ts"), "packages/runtime/src/b.ts": leaf },
    ],
    [
      "testing-only-from-tests",
      { "packages/rpc/src/a.ts": imports("../../testing/src/b.ts"), "packages/testing/src/b.ts": leaf },
    ],
    ["no-cycles", { "cli/src/a.ts": imports("./b.ts"), "cli/src/b.ts": imports("./a.ts") }],
    ["nothing-unresolved", { "cli/src/a.ts": imports("./gone.ts") }],
    ["openai-only-in-packages-llm", { "services/answer/src/a.ts": imports("openai") }],
    ["nats-only-in-packages-bus", { "services/chat/src/a.ts": imports("nats") }],
    ["ioredis-only-in-packages-redis", { "packages/rpc/src/a.ts": imports("ioredis") }],
    ["pg-only-in-packages-db", { "services/memory/src/a.ts": imports("pg") }],
  ])("notices a breach of %s", async (rule, files) => {
    expect(await brokenRules(files)).toContain(rule);
  });

  it("notices a service's domain that speaks Connect", async () => {
    const files = { "services/chat/src/a.ts": imports("@connectrpc/connect") };
    expect(await brokenRules(files)).toContain("domain-knows-no-wire");
  });

  it("lets a border do what a border is for", async () => {
    const files = {
      "services/chat/src/service.ts": imports("../../../packages/contracts/gen/b_pb.ts"),
      "packages/contracts/gen/b_pb.ts": leaf,
    };
    expect(await brokenRules(files)).toEqual([]);
  });

  it("fails when it sees next to nothing", async () => {
    plant({ "tsconfig.json": "{}", "cli/src/a.ts": leaf });
    expect(await dependencyFaults(house, { folders: ["cli"] })).toEqual([
      "only 1 modules were seen: expected at least 30",
    ]);
  });
});

describe("docs and code agree", () => {
  const catalog = { "FR-E1001": "port taken", "FR-E1002": "auth needed" };
  const page = (code: string, title: string) =>
    [`${code}.md`, `# ${code}: ${title}\n\n**When you see it.** …\n\n**Cause.** …\n\n**Fix.** …\n`] as const;
  const both = [page("FR-E1001", "port taken"), page("FR-E1002", "auth needed")];

  it("is content when each code has its page", () => {
    expect(errorPageFaults(catalog, new Map(both))).toEqual([]);
  });

  it("notices a code without a page, and a page without a code", () => {
    expect(errorPageFaults(catalog, new Map(both.slice(1)))).toEqual([
      "docs/errors/FR-E1001.md is missing (port taken)",
    ]);
    expect(errorPageFaults(catalog, new Map([...both, page("FR-E9999", "?")]))).toEqual([
      "docs/errors/FR-E9999.md explains a code that does not exist",
    ]);
  });

  it("notices a page under another title, and one that is too long", () => {
    const renamed = [page("FR-E1001", "another title"), page("FR-E1002", "auth needed")];
    expect(errorPageFaults(catalog, new Map(renamed))[0]).toContain('expected "# FR-E1001: port taken"');
    const long = new Map([...both, ["FR-E1001.md", `${both[0]?.[1]}${"line\n".repeat(19)}`]]);
    expect(errorPageFaults(catalog, long)).toEqual(["docs/errors/FR-E1001.md has 26 lines: at most 25"]);
  });

  it("notices a page without a fix", () => {
    const halved = new Map([...both, ["FR-E1001.md", both[0]?.[1].replace("**Fix.**", "Fix:") ?? ""]]);
    expect(errorPageFaults(catalog, halved)).toEqual([expect.stringContaining("FR-E1001.md does not tell")]);
  });

  it("notices a built-in tool without a row, and a row that leaves something out", () => {
    const dice = { name: "dice", effect: "read", takes: ["count"], gives: ["total"] };
    const row = (cells: string) => `| tool | | | |\n|---|---|---|---|\n| \`dice\` | ${cells} |\n`;
    expect(toolTableFaults(row("read | `{count}` | `{total}`"), [dice])).toEqual([]);
    expect(toolTableFaults(row("pure | `{counts}` | `{total}`"), [dice])).toEqual([
      "docs/api.md does not name read in the row of dice",
      "docs/api.md does not name count in the row of dice",
    ]);
    expect(toolTableFaults("no table", [dice])).toEqual([
      "docs/api.md has no row for the built-in tool dice",
    ]);
  });

  it("notices a page that the code would write otherwise, or that is missing", () => {
    const expected = new Map([["docs/cli.md", "one\ntwo\n"]]);
    expect(stalePageFaults(expected, () => "one\ntwo\n")).toEqual([]);
    expect(stalePageFaults(expected, () => "one\n2\n")).toEqual([
      "docs/cli.md differs from the code in line 2: npm run docs",
    ]);
    expect(stalePageFaults(expected, () => undefined)).toEqual(["docs/cli.md is missing: npm run docs"]);
  });

  it("notices a variable that is read and not documented", () => {
    const sources = new Map([
      ["services/x/src/a.ts", "const port = env.PORT; const secret = process.env.SECRET_MODE;"],
    ]);
    expect(unknownVariableFaults(sources, ["PORT"])).toEqual([
      "services/x/src/a.ts reads SECRET_MODE, which packages/runtime/src/environment.ts does not name",
    ]);
  });

  it("notices words of one machine or network", () => {
    // Put together here, so that the check does not find them in this file.
    const path = ["", "home", "somebody", "data"].join("/");
    const registry = ["https:/", "registry.example.org", "x.tgz"].join("/");
    expect(foreignWordFaults(new Map([["a.ts", `one\n"${path}"\n${registry}`]]))).toEqual([
      "a.ts:2 names a path of one machine",
      "a.ts:3 names a package registry",
    ]);
  });

  it.each([
    ["error pages", () => errorPageFaults({}, new Map())],
    ["generated pages", () => stalePageFaults(new Map(), () => "")],
    ["variables", () => unknownVariableFaults(new Map(), ["PORT"])],
    ["files", () => foreignWordFaults(new Map())],
    ["tools", () => toolTableFaults("", [])],
  ])("fails when it sees no %s", (_what, check) => {
    expect(check()).toHaveLength(1);
  });
});

describe("contracts", () => {
  const buf = join(ROOT, "node_modules/.bin/buf");
  const run = (...args: string[]) => execFileSync(buf, args, { cwd: house, stdio: "pipe", encoding: "utf8" });

  beforeEach(() => {
    cpSync(join(ROOT, "proto"), join(house, "proto"), { recursive: true });
    writeFileSync(
      join(house, "buf.yaml"),
      "version: v2\nmodules:\n  - path: proto\n    excludes: [proto/vendor]\n  - path: proto/vendor\nlint: {use: [STANDARD, COMMENTS]}\n",
    );
  });

  function change(from: string, to: string): void {
    const path = join(house, "proto/forerun/chat/v1/turn.proto");
    const text = readFileSync(path, "utf8");
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
  }

  it("notice a field that was renamed", () => {
    change("string text = 2", "string message = 2");
    run("build", "-o", "now.binpb", "--path", "proto/forerun");
    const compare = () => run("breaking", "now.binpb", "--against", join(house, "proto/baseline.binpb"));
    expect(compare).toThrow(/Command failed/);
  });

  it("notice a field without a comment", () => {
    change("  // Its conversation.\n", "");
    expect(() => run("lint", "proto")).toThrow(/Command failed/);
  });
});

/** A person's own tool, dropped into the watched folder of a running server. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { runForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { until } from "./support/until.ts";

const GREET = `import { defineTool } from "@forerun/toolkit/define-tool";
import { z } from "zod";

export default defineTool({
  name: "greet_in_elvish",
  description: "Greets a person by name in Elvish",
  effect: "pure",
  input: z.object({ name: z.string().describe("the person's name") }),
  output: z.object({ greeting: z.string() }),
  examples: [{ text: "greet Ada in Elvish", arguments: { name: "Ada" } }],
  timeoutMs: 1000,
  cacheTtlMs: 0,
  run: async ({ name }) => ({ greeting: "Mae govannen, " + name }),
});
`;

describe("a tool file", () => {
  scenario("tools.hot", async () => {
    await using forerun = await startForerun();
    const env = { FORERUN_URL: forerun.ready.http };
    const tools = join(forerun.dataDir, "tools");
    await mkdir(tools, { recursive: true });
    const list = async () => {
      const response = await fetch(`${forerun.ready.http}/forerun.tool.v1.ToolService/ListTools`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      return response.text();
    };
    await writeFile(join(tools, "greet.ts"), GREET);
    await until(async () => (await list()).includes("greet_in_elvish"), "the new tool", 5_000);
    const call = await runForerun(["tool", "call", "greet_in_elvish", "--args", '{"name":"Ada"}'], env);
    expect(call.code).toBe(0);
    expect(JSON.parse(call.stdout)).toEqual({
      name: "greet_in_elvish",
      output: { greeting: "Mae govannen, Ada" },
    });
  });
});

/** A tool that changes something: one effect for one call, however often the call is made. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { describe, expect } from "vitest";
import { type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";
import { until } from "./support/until.ts";

/** Appends a line, then takes as long as it is told to. */
const APPEND = `import { appendFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";

export default {
  name: "append_line",
  description: "Appends a line to a file",
  effect: "write",
  input: { type: "object", properties: { file: { type: "string" }, forMs: { type: "number" } } },
  output: {},
  examples: [],
  timeoutMs: 60000,
  cacheTtlMs: 0,
  run: async ({ file, forMs }) => {
    await appendFile(file, "line\\n");
    await setTimeout(forMs);
    return { appended: true };
  },
};
`;

describe("a call that changes something", () => {
  scenario("writes.once", async () => {
    await using folder = await scratchFolder();
    const dataDir = join(folder.path, "data");
    const tools = join(folder.path, "tools");
    await mkdir(tools);
    await writeFile(join(tools, "append.js"), APPEND);
    const env = { DATA_DIR: dataDir, TOOLS_DIR: tools };
    const [quick, slow] = [join(folder.path, "quick"), join(folder.path, "slow")];
    {
      await using forerun = await startForerun(env);
      const call = () => execute(forerun, "c1", { file: quick, forMs: 0 });
      expect(await Promise.all([call(), call(), call()])).toEqual([DONE, DONE, DONE]);
      const broken = execute(forerun, "c2", { file: slow, forMs: 50_000 }).catch(() => "broken off");
      await until(async () => (await linesOf(slow)) === 1, "the effect", 10_000);
      await forerun.stop("SIGKILL");
      expect(await broken).toBe("broken off");
    }
    await using again = await startForerun(env);
    expect(await execute(again, "c1", { file: quick, forMs: 0 })).toEqual(DONE);
    expect(await execute(again, "c2", { file: slow, forMs: 50_000 })).toBe("outcome_unknown");
    expect(await Promise.all([linesOf(quick), linesOf(slow)])).toEqual([1, 1]);
  });
});

const DONE = { appended: true };

async function linesOf(file: string): Promise<number> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n").length - 1;
}

/** The output of the call, or the code of its failure. */
async function execute({ ready }: RunningForerun, callId: string, args: { file: string; forMs: number }) {
  const transport = createConnectTransport({ baseUrl: ready.http, httpVersion: "1.1" });
  const call = { callId, name: "append_line", arguments: args };
  for await (const { event } of createClient(ToolService, transport).execute({ call })) {
    if (event.case === "result" && event.value.output) return toJson(ValueSchema, event.value.output);
    if (event.case === "failure") return event.value.code;
  }
  throw new Error("the call ended without an end");
}

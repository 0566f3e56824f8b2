import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { expect, it } from "vitest";
import { recordingTerminal, serveConnect } from "../fixtures.ts";
import { toolList } from "./tool-list.ts";

it("says that no tool is in use, and gives a program an empty list", async () => {
  await using server = await serveConnect((router) => {
    router.service(ToolService, { listTools: () => ({ tools: [] }) });
  });
  const list = async (output: "text" | "json") => {
    const { terminal, stdout, stderr } = recordingTerminal();
    const env = { FORERUN_URL: server.url };
    const code = await toolList({ output }, { env, terminal, interrupt: new AbortController().signal });
    return { code, stdout: stdout(), stderr: stderr() };
  };
  expect(await list("text")).toEqual({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("no tool is in use"),
  });
  expect(await list("json")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
});

import { describe, expect, it } from "vitest";
import { createTerminal } from "./terminal.ts";

function streams(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, columns: 120, write: (text: string) => written.push(text) };
  return { written, streams: { stdout: stream, stderr: stream } };
}

describe("a terminal", () => {
  it("colours for a person", () => {
    const { paint } = createTerminal(streams(true).streams, { TERM: "xterm" });
    expect(paint.result.red("x")).toBe("\x1b[31mx\x1b[39m");
  });

  it.each([
    ["NO_COLOR is set", true, { NO_COLOR: "1" }],
    ["nobody watches", false, {}],
    ["it is dumb", true, { TERM: "dumb" }],
  ])("stays plain when %s", (_why, isTTY, env) => {
    expect(createTerminal(streams(isTTY).streams, env).paint.result.red("x")).toBe("x");
  });

  it("shows progress to a person alone, and clears it before the next line", () => {
    const watched = streams(true);
    const terminal = createTerminal(watched.streams, {});
    terminal.progress("1/2");
    terminal.say("done");
    expect(watched.written).toEqual(["\r\x1b[2K1/2", "\r\x1b[2K", "done\n"]);
    const piped = streams(false);
    createTerminal(piped.streams, {}).progress("1/2");
    expect(piped.written).toEqual([]);
  });

  it("is interactive neither in CI nor in a pipe, and never wider than 80 columns", () => {
    expect(createTerminal(streams(true).streams, { CI: "1" }).interactive).toBe(false);
    expect(createTerminal(streams(false).streams, {}).interactive).toBe(false);
    expect(createTerminal(streams(true).streams, {})).toMatchObject({ interactive: true, columns: 80 });
  });
});

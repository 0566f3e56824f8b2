import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Turn } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { Environment } from "@forerun/runtime/config";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { recordingTerminal } from "../fixtures.ts";
import { startRouting, startStack } from "../stack.ts";
import { type EvalCalibrateInput, evalCalibrate } from "./eval-calibrate.ts";

const SUMS = Array.from({ length: 20 }, (_, at) => `what is ${at + 200} plus ${at + 13}?`);
const CHATS = "autumn rivers sisters ships moons snow"
  .split(" ")
  .map((topic) => `write me a poem about ${topic}`);
/** A sum that was not among them. */
const NEW_SUM = "what is 977 plus 12?";
const ASK_MS = 60_000;

let folder: string;
let env: Environment;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "forerun-calibrate-"));
  env = {
    DATA_DIR: join(folder, "data"),
    TOOLS_DIR: join(folder, "tools"),
    FORERUN_URL: `http://127.0.0.1:${await freePort()}`,
    LOG_LEVEL: "error",
  };
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** A port that nothing listens on, so that the data folder is read in this process. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Asks each text in a conversation of its own, of a server with a model. */
async function ask(texts: readonly string[], modelUrl: string): Promise<(Turn | undefined)[]> {
  await using stack = await startStack({ ...env, MODEL_URL: modelUrl, MODEL: "scripted" });
  const options = { ...stack.callerOptions(), timeoutMs: ASK_MS };
  const asked = await Promise.all(texts.map((text) => stack.chat.ask({ input: { text } }, options)));
  return asked.map(({ turn }) => turn);
}

/** The decision of a router with a model that fails when it is asked. */
async function decide(text: string) {
  // No decision is audited.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  await using model = await startScriptedModel([]);
  await using routing = await startRouting({ ...env, MODEL_URL: model.url, MODEL: "scripted" });
  const options = { ...routing.callerOptions(), timeoutMs: ASK_MS };
  for await (const { event } of routing.router.route({ text, maxModelCalls: 1 }, options))
    if (event.case === "decided") return event.value.decision;
  return undefined;
}

async function calibrate(input: Partial<EvalCalibrateInput>) {
  const recorded = recordingTerminal();
  const context = { env, terminal: recorded.terminal, interrupt: new AbortController().signal };
  const code = await evalCalibrate({ files: [], precision: 0.8, output: "json", ...input }, context);
  return { code, ...recorded };
}

describe("forerun eval calibrate", () => {
  it("learns from what a model decided in turns when tier 0 may decide alone, and it does", async () => {
    await using model = await startScriptedModel([
      ...SUMS.map((text) => ({
        match: { kind: "route" as const, contains: text },
        reply: { json: { action: "call", calls: [sumCall(text)] } },
      })),
      ...CHATS.map((text) => ({
        match: { kind: "route" as const, contains: text },
        reply: { json: { action: "answer" } },
      })),
      { match: { kind: "answer" as const }, reply: { text: "There." }, times: SUMS.length + CHATS.length },
    ]);
    const decided = await ask([...SUMS, ...CHATS], model.url);
    expect(new Set(decided.map((turn) => turn?.decision?.tier))).toEqual(new Set([1]));

    const { code, stdout, stderr } = await calibrate({ fromTurns: 100 });
    expect(code).toBe(0);
    expect(stderr()).toContain("took 26 of 26 turns as labels");
    expect(JSON.parse(stdout())).toMatchObject({
      turns: { in_scope: SUMS.length, out_of_scope: CHATS.length, by_tool: { calculator: SUMS.length } },
      skip: { promised: 0.8 },
    });
    expect(`${stdout()}${stderr()}`).not.toMatch(/poem|plus/);

    expect(await decide(NEW_SUM)).toMatchObject({ action: "call", tier: 0, reason: "calibrated" });
  });

  it("takes eval cases beside JSON lines", async () => {
    const cases = join(folder, "cases.yaml");
    writeFileSync(
      cases,
      `- {id: sum, text: 17% of 2400, expect: {action: call, calls: [{name: calculator, arguments: {expression: 0.17 * 2400}}]}}
- {id: greeting, text: Write a poem about snow, expect: {action: [answer, clarify]}}
- {id: vague, text: Convert it, expect: {action: clarify}}`,
    );
    const lines = join(folder, "turns.jsonl");
    writeFileSync(lines, '{"text":"tell me a joke","expected":[]}\n');
    const { stdout } = await calibrate({ files: [cases, lines] });
    expect(JSON.parse(stdout()).turns).toMatchObject({ in_scope: 1, out_of_scope: 2 });
  });

  it("says what it cannot learn from", async () => {
    await expect(calibrate({})).rejects.toMatchObject({ code: "FR-E1904" });
    await expect(calibrate({ files: [join(folder, "gone.jsonl")] })).rejects.toMatchObject({
      code: "FR-E1904",
    });
    await expect(calibrate({ files: [join(folder, "gone.yaml")] })).rejects.toMatchObject({
      code: "FR-E1902",
    });
  });
});

function sumCall(text: string) {
  const [a, b] = text.match(/\d+/g) ?? [];
  return { id: "c1", tool: "calculator", args: { expression: `${a} + ${b}` } };
}

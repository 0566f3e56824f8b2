/** Turns with a model: the scripted server speaks the real protocol, counts the calls and sees sockets close. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { describe, expect } from "vitest";
import { type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";
import { until } from "./support/until.ts";

async function withModel(
  steps: Parameters<typeof startScriptedModel>[0],
  run: (forerun: RunningForerun, model: ScriptedModel) => Promise<void>,
): Promise<void> {
  await using model = await startScriptedModel(steps);
  await using forerun = await startForerun({ MODEL_URL: model.url, MODEL: "large", ROUTE_MODEL: "small" });
  await run(forerun, model);
  expect(model.unused()).toEqual([]);
  expect(model.log().filter(({ unexpected }) => unexpected)).toEqual([]);
}

async function ask(forerun: RunningForerun, text: string) {
  const response = await fetch(`${forerun.ready.http}/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
  });
  return (await response.json()) as {
    state: string;
    text: string;
    usage: { model_calls: number };
    decision: { tier: number };
    tool_calls: { call: { name: string }; outcome: string; output: unknown }[];
  };
}

const CALCULATE = {
  thought: "arithmetic",
  action: "call",
  calls: [{ id: "c1", tool: "calculator", args: { expression: "17% of 2400" } }],
};

describe("a turn with a model", () => {
  scenario("model.two-calls", async () => {
    await withModel(
      [
        { match: { kind: "route" }, reply: { json: CALCULATE } },
        { match: { kind: "answer", contains: "408" }, reply: { text: "That is 408." } },
        { match: { kind: "route" }, reply: { json: { thought: "a greeting", action: "answer" } } },
        { match: { kind: "answer" }, reply: { text: "Hello there." } },
      ],
      async (forerun, model) => {
        const tool = await ask(forerun, "17% of 2400?");
        expect(tool).toMatchObject({ state: "TURN_STATE_COMPLETED", text: "That is 408." });
        expect(tool.usage.model_calls).toBe(2);
        // Drafted before the decision or not: the call ran once and succeeded.
        expect(tool.tool_calls).toMatchObject([{ call: { name: "calculator" } }]);
        expect(tool.tool_calls[0]?.outcome).toMatch(/^OUTCOME_(COMMITTED|HIT|LATE)$/);
        expect(model.log().map(({ kind, model: name }) => [kind, name])).toEqual([
          ["route", "small"],
          ["answer", "large"],
        ]);
        const direct = await ask(forerun, "Good morning!");
        expect(direct).toMatchObject({ state: "TURN_STATE_COMPLETED", text: "Hello there." });
        expect(model.log()).toHaveLength(4);
      },
    );
  });

  scenario("model.escalate", async () => {
    const handOver = { thought: "hard", action: "escalate" };
    const answered = { thought: "known", action: "answer", text: "Nobody knows." };
    await using folder = await scratchFolder();
    await using model = await startScriptedModel([
      { match: { kind: "route" }, reply: { json: handOver } },
      { match: { kind: "route" }, reply: { json: answered } },
    ]);
    const tier = (name: string) => [{ url: model.url, model: name }];
    const tiers = { route: tier("small"), answer: tier("large"), escalate: tier("larger") };
    const file = join(folder.path, "forerun.yaml");
    await writeFile(file, JSON.stringify({ models: { tiers } }));
    await using forerun = await startForerun({ CONFIG: file });
    const turn = await ask(forerun, "Is P equal to NP?");
    expect(turn).toMatchObject({ text: "Nobody knows.", usage: { model_calls: 2 }, decision: { tier: 2 } });
    expect(model.log().map(({ model: name }) => name)).toEqual(["small", "larger"]);
    expect(model.unused()).toEqual([]);
  });

  scenario("model.cancel", async () => {
    await withModel(
      [
        { match: { kind: "route" }, reply: { json: { thought: "prose", action: "answer" } } },
        { match: { kind: "answer" }, reply: { hang: "tokens" } },
      ],
      async (forerun, model) => {
        const created = await fetch(`${forerun.ready.http}/forerun.chat.v1.ChatService/CreateTurn`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ input: { text: "Write me a long story" } }),
        });
        const { turn } = (await created.json()) as { turn: { turnId?: string; turn_id?: string } };
        const turnId = turn.turn_id ?? turn.turnId;
        await until(() => model.log().length === 2, "the answer call");
        const before = performance.now();
        const cancelled = await fetch(`${forerun.ready.http}/forerun.chat.v1.ChatService/CancelTurn`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ turn_id: turnId }),
        });
        expect(cancelled.status).toBe(200);
        expect(await cancelled.text()).toContain("TURN_STATE_CANCELLED");
        await model.settled();
        expect(performance.now() - before).toBeLessThan(1_000);
        expect(model.log()[1]?.closed_by).toBe("client");
      },
    );
  });
});

/** Quotas end to end: a process with a scripted model that counts its own tokens, over the real store. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { describe, expect } from "vitest";
import { type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";
import { until } from "./support/until.ts";

type Turn = {
  state: string;
  text: string;
  reason: string;
  usage: { input_tokens: number; output_tokens: number };
  code?: string;
};
type Quota = { scope: string; unit: string; limit: number; used: number; reserved: number; left: number };

const NOTHING: Quota = { scope: "", unit: "", limit: 0, used: 0, reserved: 0, left: 0 };

const ROUTE = {
  match: { kind: "route" as const },
  times: 1_000,
  reply: { json: { thought: "talk", action: "answer" } },
};
const answering = (text: string, more: { token_ms?: number } = {}) => ({
  match: { kind: "answer" as const },
  times: 1_000,
  reply: { text },
  ...more,
});

type Settings = { quotas: string; steps: Parameters<typeof startScriptedModel>[0] };

async function withQuota(
  { quotas, steps }: Settings,
  run: (forerun: RunningForerun, model: ScriptedModel, env: Record<string, string>) => Promise<void>,
): Promise<void> {
  await using folder = await scratchFolder();
  const CONFIG = join(folder.path, "forerun.yaml");
  await writeFile(CONFIG, `cache: {enabled: false}\nquotas: ${quotas}\n`);
  await using model = await startScriptedModel(steps);
  const env = { MODEL_URL: model.url, MODEL: "m", CONFIG, DATA_DIR: join(folder.path, "data") };
  await using forerun = await startForerun(env);
  await run(forerun, model, env);
}

async function post(forerun: RunningForerun, path: string, body: object) {
  const headers = { "content-type": "application/json" };
  return fetch(`${forerun.ready.http}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

async function ask(forerun: RunningForerun, text: string, more: object = {}): Promise<Turn> {
  return (await (await post(forerun, "/chat", { text, ...more })).json()) as Turn;
}

async function quotasOf(forerun: RunningForerun): Promise<Quota[]> {
  const response = await post(forerun, "/forerun.chat.v1.ChatService/GetQuota", {});
  // What is 0 is left out.
  const { quotas } = (await response.json()) as { quotas: Partial<Quota>[] };
  return quotas.map((quota) => ({ ...NOTHING, ...quota }));
}

async function usageBy(forerun: RunningForerun, by: string) {
  const response = await post(forerun, "/forerun.chat.v1.ChatService/GetUsage", { by });
  type Row = { name: string; calls: number; input_tokens: number; output_tokens: number };
  return ((await response.json()) as { rows: Row[] }).rows;
}

const tokensOf = ({ usage }: Turn) => (usage ? usage.input_tokens + usage.output_tokens : 0);
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

describe("quotas", () => {
  scenario(
    "quota.never-passed",
    async () => {
      const chunk = 64;
      const quotas = `{chunk_tokens: ${chunk}, default: {tokens: 1000, per: day}}`;
      await withQuota(
        { quotas, steps: [ROUTE, answering("word ".repeat(60), { token_ms: 1 })] },
        async (forerun) => {
          const asked = Array.from({ length: 100 }, (_, at) => ask(forerun, `tell me of ${at}`));
          const turns = await Promise.all(asked);
          const used = sum(turns.map(tokensOf));
          expect(used).toBeGreaterThan(0);
          expect(used).toBeLessThanOrEqual(1_000 + chunk);
          const refused = turns.filter(({ code }) => code === "resource_exhausted");
          expect(refused.length).toBeGreaterThan(0);
          expect(turns.filter(({ state, code }) => !state && code !== "resource_exhausted")).toEqual([]);
          expect(await quotasOf(forerun)).toMatchObject([
            { scope: "tenant", unit: "tokens", used, reserved: 0 },
          ]);
          // One after the other until nothing is left: all of it counts.
          let all = used;
          for (let turn = await ask(forerun, "more"); turn.state; turn = await ask(forerun, "more"))
            all += tokensOf(turn);
          expect(all).toBeLessThanOrEqual(1_000 + chunk);
        },
      );
    },
    120_000,
  );

  scenario(
    "quota.stream",
    async () => {
      const quotas = "{chunk_tokens: 64, default: {tokens: 1000, per: day}}";
      const steps = [ROUTE, answering("word ".repeat(3_000), { token_ms: 1 })];
      await withQuota({ quotas, steps }, async (forerun) => {
        const turn = await ask(forerun, "tell me a long story");
        expect(turn).toMatchObject({ state: "TURN_STATE_INCOMPLETE", reason: "quota" });
        expect(turn.text).toMatch(/^word word/);
        expect(tokensOf(turn)).toBeLessThanOrEqual(1_064);
      });
      await withQuota({ quotas, steps }, async (forerun) => {
        const messages = [{ role: "user", content: "tell me a long story" }];
        const response = await post(forerun, "/v1/chat/completions", { model: "forerun", messages });
        expect(await response.json()).toMatchObject({ choices: [{ finish_reason: "length" }] });
      });
    },
    120_000,
  );

  scenario(
    "quota.refused",
    async () => {
      const quotas =
        "{chunk_tokens: 64, tenants: {local: {tokens: 400, per: day, user: {tokens: 300, per: month}}}}";
      await withQuota({ quotas, steps: [ROUTE, answering("word ".repeat(300))] }, async (forerun) => {
        const first = await ask(forerun, "hello", { idempotency_key: "k1" });
        expect(first.state).toMatch(/^TURN_STATE_(COMPLETED|INCOMPLETE)$/);
        const refused = await post(forerun, "/chat", { text: "again" });
        expect(refused.status).toBe(429);
        const midnight = Math.ceil(Date.now() / 86_400_000) * 86_400;
        expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(
          midnight - Date.now() / 1_000 - 5,
        );
        expect(await refused.json()).toMatchObject({ details: [{ reason: "FR-E1714" }, {}] });
        expect(await ask(forerun, "hello", { idempotency_key: "k1" })).toMatchObject({ text: first.text });
      });
      await withQuota(
        { quotas: "{tenants: {acme: {tokens: 1, per: day}}}", steps: [ROUTE, answering("hello")] },
        async (forerun) => expect((await ask(forerun, "hello")).state).toBe("TURN_STATE_COMPLETED"),
      );
    },
    120_000,
  );

  scenario(
    "quota.killed",
    async () => {
      const quotas = "{chunk_tokens: 64, default: {tokens: 5000, per: day}}";
      const steps = [ROUTE, answering("word ".repeat(2_000), { token_ms: 20 })];
      await withQuota({ quotas, steps }, async (forerun, model, env) => {
        const asked = ask(forerun, "tell me").catch(() => undefined);
        await until(() => model.log().some(({ kind }) => kind === "answer"), "the answer begins");
        expect((await quotasOf(forerun))[0]?.reserved).toBeGreaterThan(0);
        await forerun.stop("SIGKILL");
        await asked;
        await using again = await startForerun(env);
        expect(await quotasOf(again)).toMatchObject([{ reserved: 0, limit: 5_000 }]);
        const used = sum((await usageBy(again, "model")).map((row) => row.input_tokens + row.output_tokens));
        expect(used).toBeGreaterThan(0);
        expect((await quotasOf(again))[0]?.used).toBe(used);
      });
    },
    120_000,
  );

  scenario(
    "quota.usage",
    async () => {
      const call = {
        thought: "arithmetic",
        action: "call",
        calls: [{ id: "c1", tool: "calculator", args: { expression: "17% of 2400" } }],
      };
      const steps = [{ ...ROUTE, reply: { json: call } }, answering("That is 408.")];
      await withQuota(
        { quotas: "{default: {tokens: 50000, models: {m: {tokens: 40000}}}}", steps },
        async (forerun, _, env) => {
          const turn = await ask(forerun, "17% of 2400?");
          const spent = { input_tokens: turn.usage.input_tokens, output_tokens: turn.usage.output_tokens };
          expect(spent.output_tokens).toBeGreaterThan(0);
          const told = async (of: RunningForerun) =>
            Promise.all(["model", "tool", "user", "day"].map((by) => usageBy(of, by)));
          const before = await told(forerun);
          expect(before).toMatchObject([
            [{ name: "m", calls: 2, ...spent }],
            [{ name: "calculator", calls: 1 }],
            [{ name: "local", ...spent }],
            [{ name: new Date().toISOString().slice(0, 10), ...spent }],
          ]);
          expect((await quotasOf(forerun)).map(({ scope, used }) => [scope, used])).toEqual([
            ["tenant", tokensOf(turn)],
            ["model", tokensOf(turn)],
          ]);
          await forerun.stop();
          await using again = await startForerun(env);
          expect(await told(again)).toEqual(before);
          expect((await quotasOf(again)).map(({ used }) => used)).toEqual([tokensOf(turn), tokensOf(turn)]);
        },
      );
    },
    120_000,
  );
});

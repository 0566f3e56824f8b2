/** Quotas that two chats share: processes on a real Postgres, NATS and Redis, each tenant with a token of its own. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startNats } from "@forerun/components/nats";
import { startPostgres } from "@forerun/components/postgres";
import { type RunningRedis, startRedis } from "@forerun/components/redis";
import { DisposalStack } from "@forerun/runtime/disposal";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { skipWithout } from "@forerun/testing/skip-without";
import { testIssuer } from "@forerun/testing/tokens/test-issuer";
import { goodClaims, issued } from "@forerun/testing/tokens/token-case";
import { Redis as Client } from "ioredis";
import { afterAll, beforeAll, expect } from "vitest";
import { type Mesh, startMesh } from "../scripts/mesh/start-mesh.ts";
import { ask, type Door, quotasOf, recorded, sum, type Turn, tokensOf } from "./support/quota-calls.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";
import { until } from "./support/until.ts";

const LIMIT = 4_000;
const CHUNK = 64;
const issuer = testIssuer();

const STEPS: Parameters<typeof startScriptedModel>[0] = [
  { match: { kind: "route" }, times: 10_000, reply: { json: { thought: "talk", action: "answer" } } },
  {
    match: { kind: "answer", contains: "slowly" },
    times: 10_000,
    reply: { text: "word ".repeat(300) },
    token_ms: 20,
  },
  { match: { kind: "answer" }, times: 10_000, reply: { text: "word ".repeat(60) }, token_ms: 1 },
];

/** Asks again where the process has only too much to do, which says nothing of a quota. */
async function askPatiently(door: Door, text: string): Promise<Turn> {
  const end = performance.now() + 30_000;
  for (;;) {
    const turn = await ask(door, text);
    if (turn.details?.[0]?.reason !== "FR-E1708" || performance.now() > end) return turn;
    await wait(100);
  }
}

skipWithout("postgres")("quotas of two chats", () => {
  const stack = new DisposalStack();
  let redis: RunningRedis;
  let model: ScriptedModel;
  let mesh: Mesh;

  beforeAll(async () => {
    const { path } = stack.use(await scratchFolder());
    const [CONFIG, JWKS] = [join(path, "forerun.yaml"), join(path, "jwks.json")];
    const quotas = `{chunk_tokens: ${CHUNK}, default: {tokens: ${LIMIT}, per: day}}`;
    await writeFile(CONFIG, `cache: {enabled: false}\nquotas: ${quotas}\n`);
    await writeFile(JWKS, issuer.jwks);
    model = stack.use(await startScriptedModel(STEPS));
    const postgres = stack.use(await startPostgres());
    const nats = stack.use(await startNats());
    redis = stack.use(await startRedis());
    const env = {
      ...process.env,
      ...{ AUTH: "jwt", JWT_ISSUER: issuer.issuer, JWT_AUDIENCE: issuer.audience, JWKS, CONFIG },
      ...{ PORT: "0", GRPC_PORT: "0", DATA_DIR: path, TOOLS_DIR: join(path, "tools"), LOG_LEVEL: "silent" },
      ...{ MODEL_URL: model.url, MODEL: "m" },
    };
    const replicas = { chat: 2, router: 1, answer: 1, memory: 1, "tool-executor": 1 };
    const urls = { databaseUrl: postgres.url, natsUrl: nats.url, redisUrl: redis.url };
    mesh = stack.use(await startMesh({ ...urls, replicas, env }));
  }, 120_000);

  afterAll(() => stack[Symbol.asyncDispose](), 120_000);

  /** A tenant's way to each chat that lives. */
  const doorsOf = (tenant: string): [Door, Door] => {
    const token = issued(issuer, { ...goodClaims(issuer), tenant });
    const doors = mesh.processes.flatMap(({ http }) => (http ? [{ http, token }] : []));
    return [doors[0] as Door, (doors[1] ?? doors[0]) as Door];
  };
  const standing = async (door: Door) => (await quotasOf(door))[0] ?? expect.unreachable("no quota");
  const answers = () => model.log().filter(({ kind }) => kind === "answer").length;
  const nothingSetAside = (door: Door, withinMs: number) =>
    until(
      async () => (await standing(door)).reserved === 0,
      "all that was set aside is given back",
      withinMs,
    );
  const crowd = (doors: readonly Door[], size: number, text: string) =>
    Promise.all(
      Array.from({ length: size }, (_, at) => askPatiently(doors[at % 2] as Door, `${text} ${at}`)),
    );

  /** Each of them ended well, for the quota, or was refused for it with what to do. */
  const expectFair = (turns: readonly Turn[]) => {
    const kinds = turns.map(({ state, reason, code, details }) =>
      code ? `${code} ${details?.[0]?.reason}` : [state, reason].filter(Boolean).join(" "),
    );
    const fair = [
      "TURN_STATE_COMPLETED",
      "TURN_STATE_INCOMPLETE quota",
      "resource_exhausted FR-E1714",
    ] as const;
    expect(kinds.filter((kind) => !fair.some((one) => one === kind))).toEqual([]);
    return kinds;
  };

  scenario(
    "quota.shared",
    async () => {
      const doors = doorsOf("crowd");
      const calm = doorsOf("calm");
      const [turns, others] = await Promise.all([
        crowd(doors, 100, "tell me of"),
        (async () => [await askPatiently(calm[0], "hello"), await askPatiently(calm[1], "hello again")])(),
      ]);
      expect(expectFair(turns)).toContain("resource_exhausted FR-E1714");
      expect(others.map(({ state }) => state)).toEqual(["TURN_STATE_COMPLETED", "TURN_STATE_COMPLETED"]);
      await nothingSetAside(doors[0], 10_000);
      // One after the other until nothing is left.
      for (let at = 0; (await askPatiently(doors[at % 2] as Door, "more")).state; at += 1)
        expect(at).toBeLessThan(100);
      const used = await recorded(doors[0]);
      expect(used).toBeGreaterThanOrEqual(sum(turns.map(tokensOf)));
      expect(used).toBeLessThanOrEqual(LIMIT + CHUNK);
      for (const door of doors) expect(await standing(door)).toMatchObject({ used, reserved: 0 });
      expect((await askPatiently(calm[0], "still there?")).state).toBe("TURN_STATE_COMPLETED");
    },
    120_000,
  );

  scenario(
    "quota.flushed",
    async () => {
      const doors = doorsOf("flushed");
      const before = answers();
      const running = ask(doors[0], "slowly tell me");
      await until(() => answers() > before, "the answer begins");
      const client = new Client(redis.url);
      await client.flushall();
      client.disconnect();
      await until(async () => (await standing(doors[1])).reserved > 0, "what it held is said again");
      const more = await crowd(doors, 20, "tell me of");
      expect(expectFair([...more, await running])).toContain("resource_exhausted FR-E1714");
      await nothingSetAside(doors[0], 10_000);
      const used = await recorded(doors[0]);
      expect(used).toBeLessThanOrEqual(LIMIT + CHUNK);
      expect(await standing(doors[1])).toMatchObject({ used });
    },
    120_000,
  );

  scenario(
    "quota.adopted",
    async () => {
      const [survivor, dying] = doorsOf("killed");
      const asked = ask(dying, "slowly tell me").catch(() => undefined);
      const before = answers();
      await until(() => answers() > before, "the answer begins");
      expect((await standing(survivor)).reserved).toBeGreaterThan(0);
      const killed = mesh.processes.find(({ http }) => http === dying.http);
      process.kill(killed?.pid ?? expect.unreachable("no such chat"), "SIGKILL");
      await asked;
      await until(() => answers() > before + 1, "another chat takes the turn over", 30_000);
      const { used, reserved } = await standing(survivor);
      expect(used + reserved).toBeLessThanOrEqual(LIMIT);
      await until(async () => (await recorded(survivor)) > 0, "the turn ends", 60_000);
      await nothingSetAside(survivor, 40_000);
      expect((await standing(survivor)).used).toBe(await recorded(survivor));
    },
    180_000,
  );
});

/** What starts before the decision, over real sockets: a scripted model thinks for a while, and a tool notes how its runs go. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { Speculation, type Turn } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Script } from "@forerun/testing/scripted-model/script";
import { type ScriptedModel, startScriptedModel } from "@forerun/testing/scripted-model/server";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { allEvents, type ChatClient, grpcChatClient } from "./support/chat-client.ts";
import { startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

type Step = Script["steps"][number];

/** Long enough for a tool and the first words of an answer, on a busy machine too. */
const THINKS_MS = 2_500;

/** Runs for ever for Bergen; notes how each run ends. */
const TIMETABLE = (notes: string) => `import { appendFile } from "node:fs/promises";
const note = (text) => appendFile(${JSON.stringify(notes)}, text + "\\n");
export default {
  name: "station_departures",
  description: "Lists the next train departures of a railway station",
  effect: "read",
  input: { type: "object", properties: { station: { type: "string", description: "City of the station" } }, required: ["station"] },
  output: {},
  examples: ["Oslo", "Bergen", "Lyon", "Turin", "Vienna"].map((station) => ({ text: "train departures from " + station, arguments: { station } })),
  timeoutMs: 60000,
  cacheTtlMs: 0,
  async run({ station }, { signal }) {
    if (station === "Bergen") await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await note((signal.aborted ? "stopped " : "done ") + station);
    return { departures: [station + " 12:04"] };
  },
};`;

function deciding(contains: string, stations: string[], pace: Partial<Step> = {}): Step {
  const calls = stations.map((station, at) => ({
    id: `c${at + 1}`,
    tool: "station_departures",
    args: { station },
  }));
  const json = { thought: "a timetable", action: "call", calls };
  return { match: { kind: "route", contains }, reply: { json }, first_token_ms: THINKS_MS, ...pace };
}

function answering(contains: string, text: string): Step {
  return { match: { kind: "answer", contains }, reply: { text } };
}

const UNGUESSED = "And which of the two leaves sooner?";

const SCRIPT: Step[] = [
  deciding("departures from Oslo", ["Oslo"]),
  answering("Oslo 12:04", "From Oslo at 12:04."),
  deciding("departures from Bergen", ["Trondheim"]),
  answering("Trondheim 12:04", "From Trondheim at 12:04."),
  deciding(UNGUESSED, ["Leeds", "York"], { first_token_ms: 0, token_ms: 150 }),
  answering("York 12:04", "From Leeds."),
  deciding("departures from Vienna", ["Vienna"]),
  answering("Vienna 12:04", "From Vienna at 12:04."),
  deciding("departures from Lyon", ["Turin"]),
  answering("Lyon 12:04", "From Lyon at 12:04."),
  answering("Turin 12:04", "From Turin at 12:04."),
];

describe("what starts before the decision", () => {
  const opened = new DisposalStack();
  let chat: ChatClient;
  let model: ScriptedModel;
  let notes: string;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "forerun-test-"));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    notes = join(folder, "notes");
    await mkdir(join(folder, "tools"));
    await writeFile(notes, "");
    await writeFile(join(folder, "tools", "timetable.mjs"), TIMETABLE(notes));
    model = opened.use(await startScriptedModel(SCRIPT));
    const environment = { MODEL_URL: model.url, MODEL: "large", TOOLS_DIR: join(folder, "tools") };
    const forerun = opened.use(await startForerun(environment));
    chat = grpcChatClient(forerun.ready.grpc);
  });
  afterAll(async () => {
    await opened[Symbol.asyncDispose]();
    expect(model.unused()).toEqual([]);
  });

  async function ask(text: string, speculation: Speculation = Speculation.AUTO) {
    const events = await allEvents(chat.chat({ input: { text, speculation } }));
    const runs = (await readFile(notes, "utf8")).trim().split("\n");
    return { turn: endOf(events), said: events.map(wordsOf).join("\n"), runs };
  }

  scenario("early.hit", async () => {
    const { turn, runs } = await ask("train departures from Oslo");
    expect(turn.toolCalls).toMatchObject([{ early: true, outcome: Outcome.HIT }]);
    expect(turn.toolCalls[0]?.savedMs).toBeGreaterThanOrEqual(0);
    expect(runs.filter((run) => run.includes("Oslo"))).toEqual(["done Oslo"]);
    expect(turn.text).toBe("From Oslo at 12:04.");
  });

  scenario("early.wrong", async () => {
    const { turn, said, runs } = await ask("train departures from Bergen");
    expect(turn.toolCalls).toMatchObject([
      { early: true, outcome: Outcome.CANCELLED },
      { early: false, outcome: Outcome.COMMITTED },
    ]);
    expect(turn.toolCalls[0]?.wastedMs).toBeGreaterThan(0);
    expect(runs).toContain("stopped Bergen");
    expect(said).not.toContain("Bergen 12:04");
  });

  scenario("early.written", async () => {
    const { turn } = await ask(UNGUESSED);
    const [first] = turn.toolCalls;
    expect(first).toMatchObject({ early: true, call: { arguments: { station: "Leeds" } } });
    expect([Outcome.HIT, Outcome.LATE]).toContain(first?.outcome);
    expect(turn.text).toBe("From Leeds.");
  });

  scenario("early.answer", async () => {
    const right = await ask("train departures from Vienna", Speculation.WITH_ANSWER);
    expect(right.turn).toMatchObject({
      text: "From Vienna at 12:04.",
      usage: { modelCalls: 2, discardedModelCalls: 0 },
    });
    const wrong = await ask("train departures from Lyon", Speculation.WITH_ANSWER);
    expect(wrong.turn).toMatchObject({
      text: "From Turin at 12:04.",
      toolCalls: [{ outcome: Outcome.MISS }, { outcome: Outcome.COMMITTED }],
      usage: { modelCalls: 2, discardedModelCalls: 1 },
    });
    expect(wrong.said).not.toContain("Lyon at");
    expect(wrong.said).not.toContain("Lyon 12:04");
  });
});

function endOf(events: readonly TurnEvent[]): Turn {
  const last = events.at(-1)?.event;
  if (last?.case !== "turnCompleted" || !last.value.turn) throw new Error(`the turn ended as ${last?.case}`);
  return last.value.turn;
}

/** All that an event says, as text. */
function wordsOf({ event }: TurnEvent): string {
  return JSON.stringify(event.value, (_key, value) => (typeof value === "bigint" ? String(value) : value));
}

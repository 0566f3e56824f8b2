/** One turn is one trace, from its beginning to the tool and back, in one process and in five. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DisposalStack } from "@forerun/runtime/disposal";
import { ATTRIBUTES, GEN_AI, MESSAGING, RPC, SPANS } from "@forerun/telemetry/names";
import type { Script } from "@forerun/testing/scripted-model/script";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { skipWithout } from "@forerun/testing/skip-without";
import type { ReceivedSpan } from "@forerun/testing/spans/received-span";
import { type SpanReceiver, startSpanReceiver } from "@forerun/testing/spans/span-receiver";
import { describe, expect } from "vitest";
import { runForerun, startForerun, startProcess } from "./support/forerun-process.ts";
import { logLines } from "./support/log-lines.ts";
import { scenario } from "./support/scenario.ts";
import { oneTrace, paths, unrooted } from "./support/trace-shape.ts";

/** Words of the question and of the answer that no span may hold. */
const QUESTION = "How many miles are 4217 km?";
const SAID = "That would be some 2620 miles.";

const SCRIPT: Script["steps"] = [
  {
    match: { kind: "route" },
    reply: {
      json: {
        thought: "a conversion",
        action: "call",
        calls: [{ id: "c1", tool: "convert_units", args: { value: 4217, from: "km", to: "miles" } }],
      },
    },
    first_token_ms: 1_000,
    times: 10,
  },
  { match: { kind: "answer" }, reply: { text: SAID }, times: 10 },
];

/** A process takes half a minute to start where others take the machine. */
const SLOW_MS = 180_000;

type Asked = { turn_id: string; trace_id: string; state: string };

async function ask(http: string, headers: Record<string, string> = {}): Promise<Asked> {
  const response = await fetch(`${http}/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ text: QUESTION }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Asked;
}

/** Spans are sent when they have ended, by each process for itself: waits until there are some of all, and none lacks its parent. */
async function traceOf(receiver: SpanReceiver, traceId: string): Promise<readonly ReceivedSpan[]> {
  const isWhole = (spans: readonly ReceivedSpan[]) => {
    const trace = spans.filter((span) => span.traceId === traceId);
    const served = new Set(trace.map(({ service }) => service));
    return trace.some(({ name }) => name === SPANS.turn) && served.size === 5 && unrooted(trace).length === 1;
  };
  await receiver.until(isWhole, `whole trace ${traceId}`);
  return receiver.spans();
}

function environment(receiver: SpanReceiver, modelUrl: string): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: "50",
    MODEL_URL: modelUrl,
    MODEL: "scripted",
  };
}

const TURN = `chat ${SPANS.turn}`;
const ROUTE = `${TURN} > chat ${SPANS.route} > router forerun.router.v1.RouterService/Route`;
const ANSWER = `${TURN} > chat ${SPANS.answer} > answer forerun.answer.v1.AnswerService/Generate`;

/** What a turn with one early call leaves, whatever carries its calls. */
function expectTurn(trace: readonly ReceivedSpan[]): void {
  expect(paths(trace)).toEqual(
    expect.arrayContaining([
      TURN,
      `${TURN} > chat ${SPANS.begin}`,
      `${TURN} > chat ${SPANS.memorySearch} > memory forerun.memory.v1.MemoryService/Search`,
      `${ROUTE} > router ${SPANS.draft}`,
      `${ROUTE} > router chat scripted`,
      `${ANSWER} > answer chat scripted`,
      `${TURN} > chat ${SPANS.finish}`,
    ]),
  );
  const named = (name: string) => trace.filter((span) => span.name === name);
  const [tool] = named(SPANS.tool);
  const [route] = named(SPANS.route);
  expect(tool?.attributes).toMatchObject({
    [ATTRIBUTES.tool]: "convert_units",
    [ATTRIBUTES.speculation]: "hit",
  });
  expect(tool?.links).toEqual([route?.spanId]);
  expect(trace.filter(({ failed }) => failed)).toEqual([]);
  expect(named("chat scripted")[0]?.attributes).toMatchObject({
    [GEN_AI.operation]: "chat",
    [GEN_AI.requestModel]: "scripted",
  });
  const said = JSON.stringify(trace.map(({ name, attributes }) => ({ name, attributes })));
  expect(said).not.toMatch(/4217|2620|127\.0\.0\.1/);
}

/** The early call went over the bus: published in chat, taken in the executor, and run under that. */
function expectBusHop(trace: readonly ReceivedSpan[], system: string): void {
  const hop = `${TURN} > chat ${SPANS.tool} > chat publish tool.call`;
  expect(paths(trace)).toEqual(expect.arrayContaining([hop, `${hop} > tool-executor process tool.call`]));
  const kinds = trace.filter(({ attributes }) => attributes[MESSAGING.system] === system);
  expect(kinds.map(({ kind }) => kind).sort()).toEqual(["consumer", "producer"]);
}

describe("the trace of a turn", () => {
  scenario(
    "signals.trace",
    async () => {
      await using opened = new DisposalStack();
      const receiver = opened.use(await startSpanReceiver());
      const model = opened.use(await startScriptedModel(SCRIPT));
      const env = { ...environment(receiver, model.url), LOG_LEVEL: "info" };
      const forerun = opened.use(await startForerun(env));
      const turn = await ask(forerun.ready.http);
      const environmentOfCli = {
        FORERUN_URL: forerun.ready.http,
        TRACE_URL: "http://traces.example/{trace_id}",
      };
      const { stdout } = await runForerun(["turn", "show", turn.turn_id], environmentOfCli);
      expect(stdout).toContain(`http://traces.example/${turn.trace_id}\n`);
      const trace = oneTrace(await traceOf(receiver, turn.trace_id), turn.trace_id);
      expectTurn(trace);
      expectBusHop(trace, "in_process");
      const served = trace.filter(({ kind }) => kind === "server");
      expect(new Set(served.map(({ attributes }) => attributes[RPC.system]))).toEqual(new Set(["local"]));
      expect(new Set(served.map(({ attributes }) => attributes[RPC.statusCode]))).toEqual(new Set(["OK"]));
      const ofTurn = logLines(forerun.stderr()).filter(({ turn_id }) => turn_id === turn.turn_id);
      expect(new Set(ofTurn.map(({ service }) => service))).toEqual(new Set(["chat", "tool-executor"]));
      expect(new Set(ofTurn.map(({ trace_id }) => trace_id))).toEqual(new Set([turn.trace_id]));
    },
    SLOW_MS,
  );

  scenario(
    "signals.parent",
    async () => {
      await using opened = new DisposalStack();
      const receiver = opened.use(await startSpanReceiver());
      const model = opened.use(await startScriptedModel(SCRIPT));
      const forerun = opened.use(await startForerun(environment(receiver, model.url)));
      const unsampled = "00-5ad1f0c5b3e24b6c8f14d27d3a4e6b91-0000000000000abc-00";
      expect((await ask(forerun.ready.http, { traceparent: unsampled })).trace_id).toBe(
        unsampled.slice(3, 35),
      );
      const sampled = "00-5ad1f0c5b3e24b6c8f14d27d3a4e6b92-0000000000000abc-01";
      const turn = await ask(forerun.ready.http, { traceparent: sampled });
      expect(turn.trace_id).toBe(sampled.slice(3, 35));
      const response = await fetch(`${forerun.ready.http}/forerun.chat.v1.ChatService/GetTurn`, {
        method: "POST",
        headers: { "content-type": "application/json", traceparent: sampled.replace("6b92", "6b93") },
        body: JSON.stringify({ turn_id: "00000000-0000-7000-8000-000000000000" }),
      });
      expect(response.status).toBe(404);
      const isLookUp = ({ name }: ReceivedSpan) => name === "forerun.chat.v1.ChatService/GetTurn";
      await receiver.until((spans) => spans.some(isLookUp), "span of the look-up");
      const system = { [RPC.system]: "connect_rpc", [RPC.statusCode]: "NOT_FOUND" };
      expect(receiver.spans().find(isLookUp)).toMatchObject({ attributes: system, failed: false });
      const trace = oneTrace(await traceOf(receiver, turn.trace_id), turn.trace_id, "0000000000000abc");
      expect(paths(trace)).toContain(`chat forerun.chat.v1.ChatService/Ask > ${TURN}`);
      expect(receiver.spans().filter(({ traceId }) => traceId === unsampled.slice(3, 35))).toEqual([]);
    },
    SLOW_MS,
  );
});

function traceOfTheMesh(): void {
  scenario(
    "mesh.trace",
    async () => {
      await using opened = new DisposalStack();
      const receiver = opened.use(await startSpanReceiver());
      const model = opened.use(await startScriptedModel(SCRIPT));
      const dataDir = await mkdtemp(join(tmpdir(), "forerun-trace-test-"));
      opened.defer(() => rm(dataDir, { recursive: true, force: true }));
      type Ready = { processes: { service: string; http?: string }[] };
      const mesh = opened.use(
        await startProcess<Ready>(["--import", "tsx", "scripts/mesh.ts"], {
          ...environment(receiver, model.url),
          PORT: "0",
          GRPC_PORT: "0",
          DATA_DIR: dataDir,
          TOOLS_DIR: join(dataDir, "tools"),
          LOG_LEVEL: "warn",
        }),
      );
      const http = mesh.ready.processes.find(({ service }) => service === "chat")?.http ?? "";
      const turn = await ask(http);
      const trace = oneTrace(await traceOf(receiver, turn.trace_id), turn.trace_id);
      expectTurn(trace);
      expectBusHop(trace, "nats");
      const router = trace.find(({ name }) => name.endsWith("RouterService/Route"));
      expect(router).toMatchObject({ kind: "server", attributes: { [RPC.system]: "grpc" } });
    },
    SLOW_MS,
  );
}

skipWithout("postgres")("in the mesh", () => {
  skipWithout("nats-server")("the trace of a turn", traceOfTheMesh);
});

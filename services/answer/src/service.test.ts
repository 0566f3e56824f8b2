import { createClient } from "@connectrpc/connect";
import {
  AnswerService,
  FinishReason,
  type GenerateResponse,
} from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { Outcome } from "@forerun/contracts/forerun/common/v1/common_pb";
import { createModel } from "@forerun/llm/model";
import { asCaller } from "@forerun/rpc/call-context";
import { readError } from "@forerun/rpc/error-details";
import { createLocalTransport } from "@forerun/rpc/local";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { expect, it } from "vitest";
import { createAnswer } from "./app.ts";

const options = asCaller(LOCAL_CALLER, { signal: new AbortController().signal });

function clientOf(app: ReturnType<typeof createAnswer>) {
  const limits = { messages: "clone", maxMessageBytes: 4_194_304, log: silentLogger } as const;
  return createClient(AnswerService, createLocalTransport(app.bindings, limits));
}

async function collect(stream: AsyncIterable<GenerateResponse>): Promise<GenerateResponse["event"][]> {
  const events: GenerateResponse["event"][] = [];
  for await (const { event } of stream) events.push(event);
  return events;
}

it("composes from what the tools of a turn gave, leaving out early calls that were wrong", async () => {
  const call = { callId: "c1", name: "calculator", arguments: { expression: "1+1" } };
  const events = await collect(
    clientOf(createAnswer({})).generate(
      {
        text: "1+1?",
        decision: { action: "call" },
        toolCalls: [
          { call, outcome: Outcome.HIT, rendered: "1+1 = 2" },
          { call: { ...call, callId: "c2" }, outcome: Outcome.MISS, rendered: "9+9 = 18" },
          {
            call: { ...call, callId: "c3", name: "geocode" },
            outcome: Outcome.DENIED,
            errorMessage: "not allowed",
          },
        ],
      },
      options,
    ),
  );
  const text = events.map(({ case: kind, value }) => (kind === "textDelta" ? value.text : "")).join("");
  expect(text).toBe("1+1 = 2. I did not use geocode: not allowed.");
  expect(events.at(-1)).toMatchObject({
    case: "done",
    value: { finishReason: FinishReason.STOP, model: "" },
  });
});

it("gives a model's failure its code, fix and delay, and none of its words", async () => {
  const reply = { status: 429, retry_after: 3, body: "secret-canary" };
  await using server = await startScriptedModel([{ match: { kind: "answer" }, reply }]);
  await using model = createModel({ url: server.url, key: undefined, model: "m", timeoutMs: 2_000 });
  const stream = clientOf(createAnswer({ modelFor: () => model })).generate(
    { text: "Hello", maxModelCalls: 1 },
    options,
  );
  const error = readError(await collect(stream).catch((fault: unknown) => fault));
  expect(error).toMatchObject({
    code: "FR-E1503",
    retryAfterMs: 3_000,
    fix: expect.stringContaining("Wait"),
  });
  expect(JSON.stringify(error)).not.toContain("secret-canary");
});

it("turns away who has no caller", async () => {
  const stream = clientOf(createAnswer({})).generate({ text: "Hello" });
  await expect(collect(stream)).rejects.toThrow("invalid credentials");
});

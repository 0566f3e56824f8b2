import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { expect, it } from "vitest";
import { start } from "./app.ts";

const key = Buffer.alloc(32, 7).toString("base64");
const ENV = {
  GRPC_PORT: "0",
  METRICS_ADDR: "127.0.0.1:0",
  FORERUN_KEY: key,
  LOG_LEVEL: "silent",
  CONFIG: "/dev/null",
};

it("runs as a process of its own: answers over gRPC, counts its model calls, drains", async () => {
  await using server = await startScriptedModel([{ match: { kind: "answer" }, reply: { text: "Hello!" } }]);
  const running = await start({ ...ENV, MODEL_URL: server.url, MODEL: "m" });
  const transport = createGrpcTransport({ address: `ipv4:${running.grpc}`, key, service: "chat" });
  const client = createMeshClient(AnswerService, transport);
  let text = "";
  const options = asCaller(LOCAL_CALLER, { signal: new AbortController().signal });
  for await (const { event } of client.generate({ text: "Hi", maxModelCalls: 1 }, options)) {
    if (event.case === "textDelta") text += event.value.text;
  }
  expect(text).toBe("Hello!");
  const metrics = await (await fetch(running.metrics)).text();
  expect(metrics).toMatch(/forerun_model_calls_total\{[^}]*tier="answer"[^}]*outcome="ok"[^}]*\} 1/);
  transport[Symbol.dispose]();
  await running.drain();
  await running[Symbol.asyncDispose]();
});

it("says what is missing when a model has no name", async () => {
  await expect(start({ ...ENV, OPENAI_API_KEY: "k" })).rejects.toMatchObject({ code: "FR-E1203" });
});

import { setTimeout as wait } from "node:timers/promises";
import type { Times } from "./open-bench.ts";

/**
 * Milliseconds to the answer's first token for a client that overlaps the calls itself: decision and tool side by side and then
 * the answer, or the decision beside tool and answer.
 */
export async function overlapByHand(
  url: string,
  { tool }: Times,
  order: "then the answer" | "with the answer",
): Promise<number> {
  const begun = performance.now();
  let answer: ReadableStreamDefaultReader<Uint8Array> | undefined;
  if (order === "then the answer") {
    await Promise.all([decide(url), wait(tool)]);
    answer = await firstToken(url);
  } else {
    [answer] = await Promise.all([wait(tool).then(() => firstToken(url)), decide(url)]);
  }
  const ms = performance.now() - begun;
  await answer?.cancel();
  return ms;
}

const MESSAGES = [{ role: "user", content: "train departures from Oslo" }];

function complete(url: string, body: object): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "scripted", messages: MESSAGES, ...body }),
  });
}

async function decide(url: string): Promise<void> {
  const schema = { type: "json_schema", json_schema: { name: "route_decision", schema: {} } };
  await (await complete(url, { response_format: schema })).json();
}

async function firstToken(url: string): Promise<ReadableStreamDefaultReader<Uint8Array> | undefined> {
  const reader = (await complete(url, { stream: true })).body?.getReader();
  await reader?.read();
  return reader;
}

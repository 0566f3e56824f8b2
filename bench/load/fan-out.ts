/** One decision that calls twenty tools: the turn waits for the slowest of them, not for their sum. */
import { Agent } from "undici";
import { type Measurement, summary } from "../measurement.ts";
import { FAN_OUT } from "./fan-out-tools.ts";
import { figure } from "./figure.ts";
import type { LoadBench } from "./servers.ts";

const ROUNDS = 5;
/** Of which the first is not counted. */
const WARM_UPS = 2;

type Round = { ms: number; completed: number };

export async function* measureFanOut(store: string, bench: LoadBench): AsyncGenerator<Measurement> {
  const agent = new Agent();
  try {
    for (let round = 0; round < WARM_UPS; round++) await fanOut(agent, bench.http);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await fanOut(agent, bench.http));
    const label = `${FAN_OUT.calls.length} tools, one slow, ${store}`;
    const took = rounds.map(({ ms }) => ms);
    const { median } = summary(took);
    const slowest = { reference: FAN_OUT.slowestMs, aim: { atMost: 1.1 }, of: "slowest" };
    yield figure(
      label,
      "calls completed",
      "calls",
      rounds.map(({ completed }) => completed),
      {
        aim: { atLeast: FAN_OUT.calls.length },
      },
    );
    yield figure(label, "decision to the last result", "ms", took, slowest);
    yield figure(label, "against their sum", "ms", [median], { reference: FAN_OUT.sumMs });
  } finally {
    await agent.destroy();
  }
}

/** Milliseconds from the decision's event to the last result's, as they came; and how many calls completed. */
async function fanOut(agent: Agent, http: string): Promise<Round> {
  const { body } = await agent.request({
    ...{ origin: http, path: "/chat", method: "POST" },
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({
      ...{ text: FAN_OUT.ask, speculation: "off" },
      limits: { max_tool_calls: FAN_OUT.calls.length },
    }),
  });
  let [decided, last, completed, pending] = [Number.NaN, Number.NaN, 0, ""];
  for await (const chunk of body) {
    const now = performance.now();
    const lines = (pending + String(chunk)).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "event: route_decided") decided = now;
      if (line !== "event: tool_call_output") continue;
      last = now;
      completed++;
    }
  }
  return { ms: last - decided, completed };
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DisposalStack } from "@forerun/runtime/disposal";
import { startScriptedModel } from "@forerun/testing/scripted-model/server";
import { isTerminal } from "../../support/chat-client.ts";
import { startForerun } from "../../support/forerun-process.ts";
import type { Fault } from "../fault.ts";
import { gatewayClient } from "./gateway-client.ts";
import { openStand } from "./stand.ts";

const SILENT_MS = 300_000;
const STREAMS = 5;
const TEXT = "After a long silence.";

/** Turns whose model says nothing for five minutes, followed through a gateway with nothing but heartbeats to keep them. */
export const silenceFault: Fault = {
  title: `streams through a gateway that are silent for ${SILENT_MS / 60_000} minutes`,
  run: (times, say) => silent({ streams: Math.min(times, STREAMS), forMs: SILENT_MS, limits: {} }, say),
};

type Silence = { streams: number; forMs: number; limits: object };

export async function silent(
  { streams, forMs, limits }: Silence,
  say: (line: string) => void,
): ReturnType<Fault["run"]> {
  await using resources = new DisposalStack();
  const folder = await mkdtemp(join(tmpdir(), "forerun-silence-"));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  await using model = await startScriptedModel([
    { match: { kind: "route" }, reply: { json: { thought: "prose", action: "answer" } }, times: streams },
    { match: { kind: "answer" }, reply: { text: TEXT }, first_token_ms: forMs, times: streams },
  ]);
  const config = join(folder, "forerun.yaml");
  await writeFile(config, JSON.stringify(patientWith(model.url, 2 * forMs)));
  await using forerun = await startForerun({ CONFIG: config });
  await using stand = await openStand({
    replicas: 1,
    upstream: { http: [new URL(forerun.ready.http).host], grpc: [forerun.ready.grpc] },
    limits,
  });
  const client = gatewayClient(stand.gateways[0]?.url ?? "", stand.issuer.token("acme"));
  const follow = async (number: number) => {
    let [heartbeats, text, ended] = [0, "", false];
    const input = { text: `Number ${number}: tell me.` };
    for await (const { event } of client.chat({ input })) {
      if (event?.event.case === "heartbeat") heartbeats += 1;
      if (event?.event.case === "outputTextDelta") text += event.event.value.text;
      if (event && isTerminal(event)) ended = event.event.case === "turnCompleted";
    }
    say(`stream ${number}: ${heartbeats} heartbeats, ${ended ? "completed" : "did not complete"}`);
    return { stream: number, heartbeats, whole: ended && text === TEXT ? 1 : 0 };
  };
  const settled = await Promise.allSettled(Array.from({ length: streams }, (_, number) => follow(number)));
  return {
    rows: settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])),
    violations: settled.flatMap((one, number) => {
      if (one.status === "rejected") return [`stream ${number}: ${one.reason}`];
      return one.value.whole ? [] : [`stream ${number} did not come whole`];
    }),
  };
}

/** A configuration that waits for its model longer than one does. */
function patientWith(url: string, ms: number): object {
  const timeout = `${ms}ms`;
  const tiers = {
    route: [{ url, model: "small", timeout }],
    answer: [{ url, model: "large", timeout }],
  };
  return { models: { tiers }, limits: { deadline: timeout } };
}

import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { SERVICES, type ServiceName } from "../../../scripts/mesh/replicas.ts";
import { until } from "../../support/until.ts";
import type { Fault } from "../fault.ts";
import { openStage, type Stage } from "./stage.ts";

const SIDE_BY_SIDE = 16;
const GRACE_MS = 30_000;

const TWO_OF_EACH = Object.fromEntries(SERVICES.map((service) => [service, 2])) as Record<
  ServiceName,
  number
>;

/**
 * SIGTERM to one of two replicas of each service in turn, while clients that try nothing again ask over one gRPC channel to all chats.
 * `times` turns for each service.
 */
export const rollingRestart: Fault = {
  title: "SIGTERM one of two replicas of each service while turns go on; clients try nothing again",
  async run(times, say) {
    await using stage = await openStage({ replicas: TWO_OF_EACH, steps: STEPS });
    const rows: Record<string, string | number>[] = [];
    const violations: string[] = [];
    for (const service of SERVICES.toReversed()) {
      const { failures, goneMs } = await restartUnderLoad(stage, service, times);
      rows.push({ service, turns: times, failed: failures.length, "gone after ms": goneMs });
      violations.push(...failures.map((failure) => `${service}: ${failure}`));
      if (goneMs > GRACE_MS) violations.push(`${service}: gone only after ${goneMs} ms`);
      say(`${service}: ${failures.length} of ${times} turns failed, gone after ${goneMs} ms`);
    }
    return { rows, violations };
  },
};

/** A decision and an answer of a few words, which take about a second. */
const STEPS = [
  {
    match: { kind: "route" as const },
    reply: { json: { thought: "prose", action: "answer" } },
    first_token_ms: 100,
    times: 100_000,
  },
  {
    match: { kind: "answer" as const },
    reply: { text: "One two three four five six." },
    first_token_ms: 100,
    token_ms: 50,
    times: 100_000,
  },
];

async function restartUnderLoad(
  { mesh }: Stage,
  service: ServiceName,
  turns: number,
): Promise<{ failures: string[]; goneMs: number }> {
  const leaving = mesh.processes.find((one) => one.service === service);
  if (!leaving) throw new Error(`no ${service} is left`);
  const key = Buffer.alloc(32, 1).toString("base64");
  using transport = createGrpcTransport({ address: mesh.addressOf("chat"), key, service: "faults" });
  const client = createMeshClient(ChatService, transport);
  const failures: string[] = [];
  let [begun, goneMs] = [0, 0];
  const gone = async () => {
    const since = performance.now();
    process.kill(leaving.pid, "SIGTERM");
    await until(() => !mesh.processes.some(({ pid }) => pid === leaving.pid), "its end", 2 * GRACE_MS);
    goneMs = Math.round(performance.now() - since);
  };
  let ending: Promise<void> | undefined;
  const ask = async () => {
    while (begun < turns) {
      begun++;
      if (begun >= turns / 4) ending ??= gone();
      const input = { text: `Say something about ${begun}` };
      const options = asCaller(LOCAL_CALLER, { signal: AbortSignal.timeout(90_000) });
      await client.ask({ input }, options).then(
        ({ turn }) => {
          if (turn?.state !== TurnState.COMPLETED) failures.push(`${turn?.turnId} ended as ${turn?.state}`);
        },
        (fault: unknown) => failures.push(String(fault)),
      );
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, ask));
  await ending;
  await mesh.add(service);
  return { failures, goneMs };
}

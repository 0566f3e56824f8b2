import { randomBytes } from "node:crypto";
import { CallInbox } from "@forerun/bus/call-inbox";
import { type OpenedBus, openBus } from "@forerun/bus/open-bus";
import type { CallBus as MakingCalls } from "@forerun/chat/bus-calls-wire";
import { busObserver } from "@forerun/host/bus-observer";
import { requireKey } from "@forerun/host/require-key";
import { claimSigner, claimVerifier } from "@forerun/rpc/claim";
import { type Environment, readEnv } from "@forerun/runtime/config";
import type { DisposalStack } from "@forerun/runtime/disposal";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { Logger } from "@forerun/runtime/logger";
import type { BusSignals } from "@forerun/telemetry/bus-signals";
import type { CallBus as TakingCalls } from "@forerun/tool-executor/bus-calls-wire";
import type { Meter } from "@opentelemetry/api";

const BUS_ENVIRONMENT = ENVIRONMENT.pick({
  NATS_URL: true,
  FORERUN_ENV: true,
  LANE: true,
  FORERUN_KEY: true,
});

export type CallBusDeps = Readonly<{
  environment: Environment;
  log: Logger;
  meter: Meter;
  signalsOf(system: string, service: string): BusSignals;
}>;

/**
 * Calls of tools within one process take the way that they take between processes: chat's end of it and the executor's. With
 * NATS_URL it is shared with other processes. Throws ForerunError for variables that do not parse.
 */
export async function openCallBus(
  deps: CallBusDeps,
  resources: DisposalStack,
): Promise<{ kind: OpenedBus["kind"]; making: MakingCalls; taking: TakingCalls }> {
  const { environment, log, meter, signalsOf } = deps;
  const { NATS_URL: url, FORERUN_ENV: env, LANE: lane, FORERUN_KEY } = readEnv(BUS_ENVIRONMENT, environment);
  // Without NATS nobody else reads these claims.
  const key = url === undefined ? randomBytes(32).toString("base64") : requireKey(FORERUN_KEY);
  const opened = await openBus({ url, env, lane, name: "forerun", observe: busObserver(log, meter) });
  resources.use(opened.bus);
  const inbox = resources.use(await CallInbox.open(opened.bus, opened.subjects, opened.observe));
  const system = opened.kind === "nats" ? "nats" : "in_process";
  return {
    kind: opened.kind,
    making: { ...opened, inbox, sign: claimSigner(key, "chat"), signals: signalsOf(system, "chat") },
    taking: { ...opened, verify: claimVerifier(key), signals: signalsOf(system, "tool-executor") },
  };
}

import { type OpenedBus, openBus } from "@forerun/bus/open-bus";
import { type ClaimSigner, type ClaimVerifier, claimSigner, claimVerifier } from "@forerun/rpc/claim";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import type { Logger } from "@forerun/runtime/logger";
import { type BusSignals, busSignals } from "@forerun/telemetry/bus-signals";
import type { Tracer } from "@forerun/telemetry/tracing";
import type { Meter } from "@opentelemetry/api";
import { busObserver } from "./bus-observer.ts";

/** A service's end of the bus, and how callers are signed and proved on it. Its opener's to dispose of. */
export type ProcessBus = OpenedBus &
  Readonly<{ sign: ClaimSigner; verify: ClaimVerifier; signals: BusSignals }>;

/** A lane besides the process's own, and the broker where it may speak on it. */
export type LaneBroker = Readonly<{ lane: string; url: string }>;

export type ProcessBusOptions = Readonly<{
  service: string;
  environment: Environment;
  /** FORERUN_KEY. */
  key: string;
  log: Logger;
  meter: Meter;
  tracer: Tracer;
  /** In place of NATS_URL and LANE. */
  of?: LaneBroker | undefined;
}>;

const BUS_ENVIRONMENT = ENVIRONMENT.pick({ NATS_URL: true, FORERUN_ENV: true, LANE: true });

/** The bus that NATS_URL names, else one that ends with this process. Throws ForerunError for variables that do not parse. */
export async function openProcessBus(options: ProcessBusOptions): Promise<ProcessBus> {
  const { service, environment, key, log, meter, tracer } = options;
  const { NATS_URL, FORERUN_ENV: env, LANE } = readEnv(BUS_ENVIRONMENT, environment);
  const { url, lane } = options.of ?? { url: NATS_URL, lane: LANE };
  const opened = await openBus({ url, env, lane, name: service, observe: busObserver(log, meter) });
  const system = opened.kind === "nats" ? "nats" : "in_process";
  const signals = busSignals({ system, meter, tracer });
  return { ...opened, sign: claimSigner(key, service), verify: claimVerifier(key), signals };
}

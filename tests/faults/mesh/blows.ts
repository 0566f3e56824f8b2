import { setTimeout as sleep } from "node:timers/promises";
import { SERVICES, type ServiceName } from "../../../scripts/mesh/replicas.ts";
import type { MeshProcess } from "../../../scripts/mesh/start-mesh.ts";
import type { Blow } from "./mesh-fault.ts";
import type { Stage } from "./stage.ts";

/** Longer than any lease of a chat. */
const FROZEN_MS = 6_000;

/** A replica ends at once, without a word; another one is started in its place. */
export function kill(service: ServiceName): Blow {
  return {
    title: `kill -9 one of two replicas of ${service}`,
    mayFail: false,
    async strike(stage) {
      process.kill(oneOf(stage, service).pid, "SIGKILL");
      await stage.mesh.add(service);
    },
  };
}

/** A replica stands still, and goes on as if nothing had been. */
export function freeze(service: ServiceName): Blow {
  return {
    title: `freeze one of two replicas of ${service} (SIGSTOP), thaw it after ${FROZEN_MS / 1_000} s`,
    mayFail: false,
    async strike(stage) {
      const { pid } = oneOf(stage, service);
      process.kill(pid, "SIGSTOP");
      await sleep(FROZEN_MS);
      process.kill(pid, "SIGCONT");
    },
  };
}

/** A replica is replaced as in a rolling restart: its successor comes first, then it may finish. */
export function restart(service: ServiceName): Blow {
  return {
    title: `restart one of two replicas of ${service} (SIGTERM)`,
    mayFail: false,
    async strike(stage) {
      const old = oneOf(stage, service);
      await stage.mesh.add(service);
      await stage.mesh.remove(old);
    },
  };
}

type ServerBlow = {
  server: keyof Stage["proxies"];
  how: "cut" | "stall" | { slowMs: number };
  forMs: number;
  mayFail?: boolean;
};

/** A server under the mesh is away, deaf or slow for a while. */
export function disturb({ server, how, forMs, mayFail = false }: ServerBlow): Blow {
  const words = how === "cut" ? "cut off" : how === "stall" ? "deaf" : `slow by ${how.slowMs / 1_000} s`;
  return {
    title: `${server} is ${words} for ${forMs / 1_000} s`,
    mayFail,
    async strike({ proxies }) {
      const proxy = proxies[server];
      if (how === "cut") await proxy.cut();
      else if (how === "stall") await proxy.stall();
      else await proxy.slow(how.slowMs);
      await sleep(forMs);
      await proxy.restore();
    },
  };
}

function oneOf({ mesh }: Stage, service: ServiceName): MeshProcess {
  const found = mesh.processes.find((one) => one.service === service);
  if (!found) throw new Error(`no ${service} is left`);
  return found;
}

/** By the names that `npm run faults` knows them by. */
export const MESH_BLOWS: Readonly<Record<string, Blow>> = {
  ...Object.fromEntries(SERVICES.map((service) => [`mesh-kill-${service}`, kill(service)])),
  ...Object.fromEntries(SERVICES.map((service) => [`mesh-restart-${service}`, restart(service)])),
  "mesh-freeze-chat": freeze("chat"),
  "nats-cut": disturb({ server: "nats", how: "cut", forMs: 15_000 }),
  "nats-deaf": disturb({ server: "nats", how: "stall", forMs: 15_000 }),
  "redis-cut": disturb({ server: "redis", how: "cut", forMs: 10_000 }),
  "redis-deaf": disturb({ server: "redis", how: "stall", forMs: 10_000 }),
  "redis-slow": disturb({ server: "redis", how: { slowMs: 2_000 }, forMs: 10_000 }),
  "postgres-cut": disturb({ server: "postgres", how: "cut", forMs: 4_000, mayFail: true }),
  "postgres-deaf": disturb({ server: "postgres", how: "stall", forMs: 6_000, mayFail: true }),
  "postgres-slow": disturb({ server: "postgres", how: { slowMs: 5_000 }, forMs: 10_000, mayFail: true }),
};

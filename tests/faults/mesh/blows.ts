import { setTimeout as sleep } from "node:timers/promises";
import type { MeshProcess } from "../../../scripts/mesh/start-mesh.ts";
import type { Blow } from "./mesh-fault.ts";
import type { Stage } from "./stage.ts";

/** Longer than any lease of a chat. */
const FROZEN_MS = 6_000;

/** Ends at once, without a word; another replica is started in its place. */
export const KILL: Blow = {
  words: "kill -9",
  async strike(stage, service) {
    process.kill(oneOf(stage, service).pid, "SIGKILL");
    await stage.mesh.add(service);
  },
};

/** Stands still, and goes on as if nothing had been. */
export const FREEZE: Blow = {
  words: "freeze and thaw (SIGSTOP, SIGCONT)",
  async strike(stage, service) {
    const { pid } = oneOf(stage, service);
    process.kill(pid, "SIGSTOP");
    await sleep(FROZEN_MS);
    process.kill(pid, "SIGCONT");
  },
};

/** Is replaced as a rolling restart does it: its successor first, then it may finish. */
export const RESTART: Blow = {
  words: "restart (SIGTERM)",
  async strike(stage, service) {
    const old = oneOf(stage, service);
    await stage.mesh.add(service);
    await stage.mesh.remove(old);
  },
};

function oneOf({ mesh }: Stage, service: string): MeshProcess {
  const found = mesh.processes.find((one) => one.service === service);
  if (!found) throw new Error(`no ${service} is left`);
  return found;
}

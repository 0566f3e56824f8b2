import type { ChildProcess } from "node:child_process";

/**
 * Has a detached child killed when this process ends, however it comes to `exit`: a second Ctrl+C cuts an orderly stop short,
 * and nobody would end the child afterwards.
 */
export function leaveNoChild(child: ChildProcess, signal: NodeJS.Signals): void {
  const kill = () => void child.kill(signal);
  process.setMaxListeners(Math.max(process.getMaxListeners(), process.listenerCount("exit") + 2));
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
}

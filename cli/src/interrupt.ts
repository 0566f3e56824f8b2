import { EXIT } from "./exit-code.ts";

/** Gives work a signal that the first SIGINT or SIGTERM aborts; the second ends the process at once. */
export async function withInterrupt<T>(
  process: NodeJS.Process,
  work: (interrupt: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

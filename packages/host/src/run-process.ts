import { ForerunError } from "@forerun/runtime/forerun-error";

type Stoppable = { drain(): Promise<void> } & AsyncDisposable;

const INTERRUPTED = 130;
const BAD_CONFIGURATION = 3;

/**
 * Starts a process, says on stdout where it serves, and ends it on SIGTERM or SIGINT: drain, close, exit 0. A second signal
 * quits at once.
 */
export async function runProcess<R extends Stoppable>(
  start: () => Promise<R>,
  readyLine: (running: R) => object,
): Promise<void> {
  const running = await start().catch((fault: unknown) => {
    process.stderr.write(`${explain(fault)}\n`);
    process.exit(fault instanceof ForerunError ? BAD_CONFIGURATION : 1);
  });
  process.stdout.write(`${JSON.stringify({ event: "ready", ...readyLine(running), pid: process.pid })}\n`);
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(INTERRUPTED);
    stopping = true;
    void running
      .drain()
      .then(() => running[Symbol.asyncDispose]())
      .then(
        () => process.exit(0),
        (fault: unknown) => {
          process.stderr.write(`${explain(fault)}\n`);
          process.exit(1);
        },
      );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function explain(fault: unknown): string {
  if (fault instanceof ForerunError) return `✖ ${fault.code}  ${fault.message}\n  ${fault.fix}`;
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}

import { EXIT, exitCodeOf } from "./exit-code.ts";
import { withInterrupt } from "./interrupt.ts";
import { buildProgram } from "./program.ts";
import { reportFault } from "./report-fault.ts";
import { createTerminal } from "./terminal.ts";

/** Runs one command of `forerun` in a process and leaves its exit code there. */
export async function main(process: NodeJS.Process): Promise<void> {
  const terminal = createTerminal(process, process.env);
  // A reader that has seen enough (`forerun … | head`) is no fault.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    throw error;
  });
  process.exitCode = await withInterrupt(process, async (interrupt) => {
    try {
      const program = buildProgram({ env: process.env, terminal, interrupt });
      return await program.run(process.argv.slice(2));
    } catch (fault) {
      if (interrupt.aborted) return EXIT.interrupted;
      reportFault(fault, terminal);
      return exitCodeOf(fault);
    }
  });
}

/** `forerun migrate` as a process of its own: the job that goes before a roll-out. */
import { exitCodeOf } from "../exit-code.ts";
import { withInterrupt } from "../interrupt.ts";
import { reportFault } from "../report-fault.ts";
import { createTerminal } from "../terminal.ts";
import { migrate } from "../verbs/migrate.ts";

const terminal = createTerminal(process, process.env);
process.exitCode = await withInterrupt(process, async (interrupt) => {
  try {
    return await migrate({ output: "json" }, { env: process.env, terminal, interrupt });
  } catch (fault) {
    reportFault(fault, terminal);
    return exitCodeOf(fault);
  }
});

import { setMaxListeners } from "node:events";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { type Arrivals, runArrivals } from "../load/arrivals.ts";
import { drawReport } from "../load/draw-report.ts";
import { pickFrom, readMix } from "../load/mix.ts";
import { takeTurn } from "../load/take-turn.ts";
import { Tally } from "../load/tally.ts";
import { progressLine } from "../progress-line.ts";
import { reach } from "../reach.ts";

export type LoadInput = Arrivals & { mix: string | undefined; output: OutputFormat };

const PROGRESS_MS = 200;

/** Asks many things, and says how quickly and how well they were answered. Exit code 1 when a turn failed or was refused. */
export async function load(input: LoadInput, context: CommandContext): Promise<ExitCode> {
  const { terminal, interrupt } = context;
  // Every turn under way listens to it.
  setMaxListeners(0, interrupt);
  const mix = readMix(input.mix);
  await using server = await reach(context);
  const tally = new Tally();
  const begun = performance.now();
  const work = {
    take: (dueAt: number) => takeTurn(server, pickFrom(mix, Math.random), dueAt, tally),
    notSent: () => tally.notSent(),
  };
  const showing = setInterval(() => terminal.progress(progressOf(input, tally, begun)), PROGRESS_MS);
  try {
    await runArrivals(input, work, interrupt);
  } finally {
    clearInterval(showing);
    terminal.progress("");
  }
  const report = tally.report((performance.now() - begun) / 1_000);
  if (input.output === "json") terminal.result(JSON.stringify(report));
  else for (const line of drawReport(report)) terminal.result(line);
  if (interrupt.aborted) return EXIT.interrupted;
  return tally.errors === 0 && report.completed > 0 ? EXIT.ok : EXIT.badResult;
}

/** Towards whichever bound is nearer: the number of turns, or the time. */
function progressOf({ turns, durationMs }: LoadInput, { done, errors }: Tally, begun: number): string {
  const share = Math.max(done / turns, Math.min(1, (performance.now() - begun) / durationMs));
  const of = Number.isFinite(turns) ? turns : Math.round(done / Math.max(share, 0.001));
  return `${progressLine({ done, of, begun, unit: "turns" })}${errors > 0 ? `  ${errors} errors` : ""}`;
}

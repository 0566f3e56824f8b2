import { formatDuration, parseDuration } from "@forerun/runtime/duration";
import { type Command, InvalidArgumentError } from "commander";
import type { Execute } from "../command-context.ts";
import { type OutputFormat, outputOption } from "./output-option.ts";
import { withExamples } from "./with-examples.ts";

type LoadOptions = {
  rate?: number;
  concurrency: number;
  turns?: number;
  duration: number;
  mix?: string;
  output: OutputFormat;
};

const DURATION_MS = 10_000;

export function addLoadCommand(program: Command, execute: Execute): void {
  const load = program
    .command("load")
    .description("ask many things at once and measure the answers")
    .option("--concurrency <n>", "closed loop: turns side by side", positive, 8)
    .option("--rate <n>", "open loop: turns a second on average, whatever comes back", positive)
    .option("--turns <n>", "stop after so many turns", positive)
    .option("--duration <time>", `stop after so long (default: ${formatDuration(DURATION_MS)})`, duration)
    .option("--mix <file>", "YAML list of {text, weight?, speculation?: auto|off}")
    .addOption(outputOption("text", "json"))
    .action(({ turns, duration: durationMs, mix, ...options }: Partial<LoadOptions> & LoadOptions) =>
      execute(async () => (await import("../verbs/load.ts")).load, {
        ...options,
        rate: options.rate,
        mix,
        turns: turns ?? Number.POSITIVE_INFINITY,
        durationMs: durationMs ?? (turns === undefined ? DURATION_MS : Number.POSITIVE_INFINITY),
      }),
    );
  withExamples(load, [
    "npx forerun load --turns 100 --concurrency 4",
    "npx forerun load --rate 20 --duration 30s --mix mix.yaml -o json",
  ]);
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number above 0");
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError("expected a duration such as 30s");
}

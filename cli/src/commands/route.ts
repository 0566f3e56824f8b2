import { type Command, InvalidArgumentError } from "commander";
import type { Execute } from "../command-context.ts";
import { withExamples } from "./with-examples.ts";

export function addRouteCommand(program: Command, execute: Execute): void {
  const route = program
    .command("route")
    .description("decide on tools for JSON lines from stdin, without running any")
    .option("--tools <file>", "a JSON array of tools in place of the built-in ones")
    .option("--top <k>", "candidates in each decision at most", parseTop)
    .action((options: { tools?: string; top?: number }) =>
      execute(async () => (await import("../verbs/route.ts")).route, options),
    );
  withExamples(route, [
    `echo '{"text":"17% of 2400"}' | npx forerun route`,
    "npx forerun route --tools tools.json --top 3 < in.jsonl > out.jsonl",
  ]);
}

function parseTop(text: string): number {
  const top = Number(text);
  if (Number.isInteger(top) && top >= 1) return top;
  throw new InvalidArgumentError("expected a whole number from 1");
}

import { type Command, InvalidArgumentError } from "commander";
import type { Execute } from "../command-context.ts";
import { type OutputFormat, outputOption } from "./output-option.ts";
import { withExamples } from "./with-examples.ts";

const MOST_SNIPPETS = 50;

export function addMemoryCommands(program: Command, execute: Execute): void {
  const ingest = program
    .command("ingest")
    .description("store documents (.md, .txt) so that answers can cite them")
    .argument("<path...>", "files, or folders with everything below them")
    .addOption(outputOption("text", "json"))
    .action((paths: string[], { output }: { output: OutputFormat }) =>
      execute(async () => (await import("../verbs/ingest.ts")).ingest, { paths, output }),
    );
  withExamples(ingest, ["npx forerun ingest docs", "npx forerun ingest notes.md handbook -o json"]);

  const memory = program.command("memory").description("search what was stored").helpCommand(false);
  withExamples(memory, ['npx forerun memory search "how is a turn cancelled?"', SEARCH_EXAMPLE]);
  const search = memory
    .command("search")
    .description("the stored text nearest to a query, best first")
    .argument("<text...>", "the query")
    .option("-k <count>", `snippets at most, 1 to ${MOST_SNIPPETS}`, parseCount, 5)
    .addOption(outputOption("text", "json"))
    .action((words: string[], { k, output }: { k: number; output: OutputFormat }) =>
      execute(async () => (await import("../verbs/memory-search.ts")).memorySearch, {
        text: words.join(" "),
        k,
        output,
      }),
    );
  withExamples(search, ['npx forerun memory search "how is a turn cancelled?"', SEARCH_EXAMPLE]);
}

const SEARCH_EXAMPLE = "npx forerun memory search retention -k 3 -o json";

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_SNIPPETS) return count;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${MOST_SNIPPETS}`);
}

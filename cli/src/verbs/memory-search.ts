import type { Snippet } from "@forerun/contracts/forerun/common/v1/common_pb";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { clip } from "../describe-call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { reach } from "../reach.ts";

export type MemorySearchInput = { text: string; k: number; output: OutputFormat };

const CALL_MS = 10_000;

/** Prints the stored text nearest to a query. Finding nothing is a result too. */
export async function memorySearch(input: MemorySearchInput, context: CommandContext): Promise<ExitCode> {
  await using server = await reach(context);
  const { text, k } = input;
  const { snippets } = await server.memory.search(
    { text, k },
    { ...server.callerOptions(), timeoutMs: CALL_MS },
  );
  const { terminal } = context;
  if (input.output === "json") {
    terminal.result(JSON.stringify(snippets.map(publicSnippet)));
    return EXIT.ok;
  }
  for (const snippet of snippets) {
    const { score, title, uri, text: found } = publicSnippet(snippet);
    terminal.result(
      `${score.toFixed(3)}  ${clip([...new Set([title, ...snippet.headings])].filter(Boolean).join(" › "), 72)}`,
    );
    terminal.result(`       ${clip(found, 72)}`);
    terminal.result(`       ${terminal.paint.result.dim(uri)}`);
  }
  const next =
    snippets.length > 0 ? `npx forerun chat "${text.replaceAll('"', '\\"')}"` : "npx forerun ingest docs";
  if (snippets.length === 0) terminal.say("nothing found");
  terminal.say(terminal.paint.say.dim(`Next  ${next}`));
  return EXIT.ok;
}

function publicSnippet({ source, score }: Snippet) {
  return {
    document_id: source?.documentId ?? "",
    title: source?.title ?? "",
    uri: source?.uri ?? "",
    page: source?.page ?? 0,
    start: source?.start ?? 0,
    end: source?.end ?? 0,
    text: source?.quote ?? "",
    score,
  };
}

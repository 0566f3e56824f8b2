import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConnectError } from "@connectrpc/connect";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { counted } from "../counted.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { findDocuments } from "../find-documents.ts";
import { progressLine } from "../progress-line.ts";
import { type Reach, reach } from "../reach.ts";
import { readDocument } from "../read-document.ts";
import { facesOf } from "../report-fault.ts";
import type { Terminal } from "../terminal.ts";

export type IngestInput = { paths: readonly string[]; output: OutputFormat };

type Skipped = { path: string; code: string; message: string };
type Summary = { documents: number; chunks: number; unchanged: number; skipped: Skipped[] };

const DOCUMENT_MS = 120_000;

/**
 * Stores documents; folders are taken with everything below them. What cannot be read or stored is listed and left out, and
 * makes the exit code 1; everything else is stored.
 */
export async function ingest({ paths, output }: IngestInput, context: CommandContext): Promise<ExitCode> {
  const { terminal, interrupt } = context;
  const found = await findDocuments(paths);
  await using server = await reach(context);
  const summary: Summary = { documents: 0, chunks: 0, unchanged: 0, skipped: [...found.skipped] };
  const begun = performance.now();
  for (const [index, path] of found.files.entries()) {
    if (interrupt.aborted) break;
    terminal.progress(progressLine({ done: index, of: found.files.length, begun, unit: "files" }));
    await ingestOne(server, path, summary);
  }
  terminal.progress("");
  show(summary, output, terminal);
  if (interrupt.aborted) return EXIT.interrupted;
  return summary.skipped.length > 0 ? EXIT.badResult : EXIT.ok;
}

async function ingestOne(server: Reach, path: string, summary: Summary): Promise<void> {
  const document = await readDocument(path);
  if (document.kind === "skipped") {
    summary.skipped.push({ path, code: document.code, message: document.message });
    return;
  }
  const { mediaType, text } = document;
  const uri = pathToFileURL(resolve(path)).href;
  try {
    const options = { ...server.callerOptions(), timeoutMs: DOCUMENT_MS };
    const { chunks, unchanged } = await server.memory.ingest({ uri, mediaType, text }, options);
    summary.documents += 1;
    summary.chunks += chunks;
    if (unchanged) summary.unchanged += 1;
  } catch (fault) {
    // A document that the service refuses is one document less; a service that is gone is the end.
    if (!isRefusal(fault)) throw fault;
    const [face] = facesOf(fault);
    summary.skipped.push({ path, code: face?.code ?? "", message: face?.cause ?? "" });
  }
}

function isRefusal(fault: unknown): boolean {
  return fault instanceof ConnectError && /^FR-E1[36]/.test(facesOf(fault)[0]?.code ?? "");
}

function show(summary: Summary, output: OutputFormat, terminal: Terminal): void {
  const { documents, chunks, unchanged, skipped } = summary;
  if (output === "json") {
    terminal.result(JSON.stringify({ documents, chunks, skipped }));
    return;
  }
  const same = unchanged > 0 ? ` (${unchanged} unchanged)` : "";
  terminal.result(
    `${counted(documents, "document")}${same}, ${counted(chunks, "chunk")}, ${skipped.length} skipped`,
  );
  for (const { path, code, message } of skipped) terminal.say(`  ✕ ${code}  ${path}: ${message}`);
  if (documents > 0) terminal.say(terminal.paint.say.dim('Next  npx forerun memory search "…"'));
}

import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { Snippet } from "@forerun/contracts/forerun/common/v1/common_pb";
import type { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { asCaller } from "@forerun/rpc/call-context";
import type { KnowledgeSnippet, SearchKnowledge } from "./tools/search-knowledge.ts";

/** Searches documents through the memory service, as the caller of the tool. */
export function knowledgeSearch(memory: Client<typeof MemoryService>): SearchKnowledge {
  return async ({ text, k }, { caller, signal, deadline, trace }) => {
    try {
      const timeoutMs = deadline.getTime() - Date.now();
      const { snippets } = await memory.search({ text, k }, asCaller(caller, { signal, timeoutMs, trace }));
      return { kind: "ok", snippets: snippets.map(fromWireSnippet) };
    } catch (error) {
      // Its text may carry addresses; the code says enough.
      const code = ConnectError.from(error).code;
      return { kind: "unreachable", reason: Code[code].toLowerCase() };
    }
  };
}

function fromWireSnippet({ source, score, headings }: Snippet): KnowledgeSnippet {
  return {
    source: {
      document_id: source?.documentId ?? "",
      title: source?.title ?? "",
      uri: source?.uri ?? "",
      page: source?.page ?? 0,
      start: source?.start ?? 0,
      end: source?.end ?? 0,
      quote: source?.quote ?? "",
    },
    score,
    headings,
  };
}

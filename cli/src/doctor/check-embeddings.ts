import { openEmbedder } from "@forerun/embeddings/open-embedder";
import type { EmbeddingsSettings } from "@forerun/embeddings/settings";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { type Finding, fine, wrong } from "./finding.ts";

const CHECK = "embeddings";

/** A sentence can be embedded: the local model is loaded and run, an endpoint is asked for one vector. */
export async function checkEmbeddings(settings: EmbeddingsSettings): Promise<Finding> {
  try {
    await using embedder = await openEmbedder(settings);
    if (embedder === undefined) return fine(CHECK, "none: tools are ranked by their words");
    // Each embedder bounds its own time.
    const [vector] = await embedder.embed(["Is it there?"], new AbortController().signal);
    return fine(CHECK, `${embedder.id}, ${vector?.length} numbers a text`);
  } catch (fault) {
    if (!(fault instanceof ForerunError)) throw fault;
    return wrong(CHECK, fault.message, fault.fix);
  }
}

import { ForerunError } from "@forerun/runtime/forerun-error";
import type { EmbeddedOptions, EmbeddedPlace, EmbeddedStore } from "./embedded.ts";

/** Stands in `dist/` in place of embedded.ts: the bundles of services run beside a Postgres, and PGlite is 25 MB. Throws FR-E1110. */
export async function openEmbedded(_place: EmbeddedPlace, _options: EmbeddedOptions): Promise<EmbeddedStore> {
  throw new ForerunError(
    "FR-E1110",
    "failed_precondition",
    "DATABASE_URL is not set, and a bundle has no embedded store",
    "Name a Postgres with pgvector: DATABASE_URL=postgres://user:password@host:5432/database.",
  );
}

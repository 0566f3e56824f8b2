import { readFileSync } from "node:fs";
import { z } from "zod";

const MANIFEST = z.object({ version: z.string() });

/** The version of this checkout, from the root package.json. */
export const VERSION: string = MANIFEST.parse(
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")),
).version;

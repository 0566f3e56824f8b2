/** `npm run docs`: writes the pages that are made from the code. */
import { writeFileSync } from "node:fs";
import { generatedDocs } from "./docs/generated-docs.ts";

for (const [path, text] of generatedDocs()) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
  console.error(`wrote ${path}`);
}

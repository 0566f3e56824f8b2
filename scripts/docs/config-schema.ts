import { FILE_CONFIG } from "@forerun/runtime/file-config";
import { z } from "zod";

/** JSON Schema of forerun.yaml as it is written (durations as text), for editors. */
export function configSchema(): string {
  const schema = z.toJSONSchema(FILE_CONFIG, { io: "input", target: "draft-2020-12" });
  return `${JSON.stringify({ title: "forerun.yaml", ...schema }, null, 2)}\n`;
}

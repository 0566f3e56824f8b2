import { readdirSync } from "node:fs";
import { counted } from "../counted.ts";
import { type Finding, fine, wrong } from "./finding.ts";

/** The watched folder of tools can be read; none at all is fine. */
export function checkToolsFolder(folder: string): Finding {
  try {
    const modules = readdirSync(folder).filter((name) => /\.(ts|mts|js|mjs)$/.test(name));
    return fine("tools folder", `${folder} holds ${counted(modules.length, "module")}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return fine("tools folder", `${folder} does not exist: only built-in tools`);
    return wrong(
      "tools folder",
      `${folder} cannot be read (${code})`,
      `chmod u+rx ${folder}, or set TOOLS_DIR`,
    );
  }
}

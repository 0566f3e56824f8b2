import { type Finding, fine, wrong } from "./finding.ts";

const LEAST = [20, 19] as const;

/** Node is new enough; `version` is for example "20.20.2". */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = LEAST;
  const enough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  if (enough) return fine("node", version);
  return wrong("node", version, `install Node ${LEAST.join(".")} or newer`);
}

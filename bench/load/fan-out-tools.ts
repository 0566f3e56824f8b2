import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TOOLS = 20;
const QUICK_MS = 50;
const SLOW_MS = 500;

/** One decision that calls twenty tools, one of which takes ten times as long as the others. */
export const FAN_OUT = {
  ask: "please read every gauge",
  slowestMs: SLOW_MS,
  sumMs: SLOW_MS + (TOOLS - 1) * QUICK_MS,
  calls: Array.from({ length: TOOLS }, (_, at) => ({ id: `c${at}`, tool: `read_gauge_${at}`, args: {} })),
};

export function writeFanOutTools(folder: string): void {
  mkdirSync(folder, { recursive: true });
  FAN_OUT.calls.forEach(({ tool }, at) => {
    writeFileSync(join(folder, `${tool}.mjs`), source(tool, at === 0 ? SLOW_MS : QUICK_MS));
  });
}

function source(name: string, ms: number): string {
  return `import { setTimeout as wait } from "node:timers/promises";

export default {
  name: "${name}",
  description: "Reads the gauge of that number",
  effect: "read",
  input: { type: "object", properties: {} },
  output: { type: "object", properties: { level: { type: "number" } }, required: ["level"] },
  examples: ["read", "check", "show", "look at", "what does"].map((verb) => ({
    text: verb + " gauge ${name}",
    arguments: {},
  })),
  timeoutMs: 5000,
  cacheTtlMs: 0,
  async run(_input, { signal }) {
    await wait(${ms}, undefined, { signal });
    return { level: 1 };
  },
  render: ({ level }) => "The gauge stands at " + level,
};
`;
}

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a tool has seen of itself, to hold against the ledger; times in milliseconds of the epoch. */
export type ToolCounters = {
  started: number;
  finished: number;
  stopped: number;
  stoppedAt: readonly number[];
};

/** Writes a tool module that takes `ms` and counts, in a file beside it, how its runs began and ended. */
export function writeSlowTool(folder: string, ms: number): { counters(): ToolCounters } {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, "runs.log");
  writeFileSync(log, "");
  writeFileSync(join(folder, "station.mjs"), source(ms, log));
  return {
    counters() {
      const lines = readFileSync(log, "utf8").split("\n");
      const times = (word: string) =>
        lines
          .filter((line) => line.startsWith(`${word} `))
          .map((line) => Number(line.slice(word.length + 1)));
      const stoppedAt = times("stopped");
      const { length: started } = times("started");
      return { started, finished: times("finished").length, stopped: stoppedAt.length, stoppedAt };
    },
  };
}

function source(ms: number, log: string): string {
  return `import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

const note = (word) => appendFileSync(${JSON.stringify(log)}, word + " " + Date.now() + "\\n");

export default {
  name: "station_departures",
  description: "Lists the next train departures of a railway station",
  effect: "read",
  input: { type: "object", properties: { station: { type: "string", description: "City of the station" } }, required: ["station"] },
  output: { type: "object", properties: { departures: { type: "array", items: { type: "string" } } }, required: ["departures"] },
  examples: ["Oslo", "Bergen", "Lyon", "Turin", "Vienna", "Leeds"].map((station) => ({
    text: "train departures from " + station,
    arguments: { station },
  })),
  timeoutMs: 5000,
  cacheTtlMs: 0,
  async run({ station }, { signal }) {
    note("started");
    try {
      await wait(${ms}, undefined, { signal });
    } catch (fault) {
      note("stopped");
      throw fault;
    }
    note("finished");
    return { departures: [station + " 12:04"] };
  },
  render: ({ departures }) => "Next: " + departures.join(", "),
};
`;
}

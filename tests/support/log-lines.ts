/** One line of the log on stderr. */
export type LogLine = {
  level: number;
  time: string;
  service: string;
  msg: string;
  turn_id?: string;
  trace_id?: string;
};

/** The log so far; a line that is no JSON object of its own fails here. */
export function logLines(stderr: string): LogLine[] {
  return stderr
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const parsed = JSON.parse(line) as LogLine;
      if (typeof parsed.level !== "number" || typeof parsed.msg !== "string") {
        throw new Error(`not a log line: ${line}`);
      }
      return parsed;
    });
}

import picocolors from "picocolors";

type Colors = ReturnType<typeof picocolors.createColors>;

/** The two streams of a command: results go to stdout, everything said to a person to stderr. */
export type Terminal = Readonly<{
  /** Writes a part of the result as it is. */
  write(text: string): void;
  /** Writes one line of the result. */
  result(line: string): void;
  /** Tells the person at the terminal something. */
  say(line: string): void;
  /** Rewrites the last line on stderr in place; does nothing without a TTY. */
  progress(line: string): void;
  /** Colours of stdout and stderr; both plain without a TTY or with NO_COLOR. */
  paint: { result: Colors; say: Colors };
  interactive: boolean;
  /** Columns of the result, at most 80 so that it reads the same everywhere. */
  columns: number;
}>;

type Stream = { write(text: string): unknown; isTTY?: boolean; columns?: number };

export function createTerminal(
  streams: { stdout: Stream; stderr: Stream },
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const { stdout, stderr } = streams;
  const colored = (stream: Stream) => Boolean(stream.isTTY) && !env.NO_COLOR && env.TERM !== "dumb";
  let progressShown = false;
  const clearProgress = () => {
    if (progressShown) stderr.write("\r\x1b[2K");
    progressShown = false;
  };
  return {
    write: (text) => void stdout.write(text),
    result: (line) => void stdout.write(`${line}\n`),
    say: (line) => {
      clearProgress();
      stderr.write(`${line}\n`);
    },
    progress: (line) => {
      if (!stderr.isTTY) return;
      stderr.write(`\r\x1b[2K${line}`);
      progressShown = line !== "";
    },
    paint: {
      result: picocolors.createColors(colored(stdout)),
      say: picocolors.createColors(colored(stderr)),
    },
    interactive: Boolean(stdout.isTTY) && !env.CI,
    columns: Math.min(80, stdout.columns ?? 80),
  };
}

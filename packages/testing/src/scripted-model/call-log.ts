import type { CallKind, Step } from "./script.ts";

/** One request as the log shows it; times are milliseconds since the server started. */
export type LogEntry = {
  path: string;
  kind: CallKind;
  stream: boolean;
  model: string;
  /** Port of the client's socket: equal for calls that share a connection. */
  client_port: number | undefined;
  /** Number of the step that answered; null for an unexpected call. */
  step: number | null;
  unexpected: boolean;
  request: unknown;
  start_ms: number;
  /** Null while the request is open. */
  close_ms: number | null;
  /** Who ended it: the server by finishing or breaking off, or the client by leaving. */
  closed_by: "server" | "client" | null;
};

/** The script's steps with what is left of each, and everything that was asked. */
export class CallLog {
  readonly entries: LogEntry[] = [];
  readonly #steps: readonly Step[];
  readonly #left: number[];
  #open = 0;
  #waiting: (() => void)[] = [];

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#left = steps.map(({ times }) => times);
  }

  /** Takes the first step that matches and is not used up. */
  take(kind: CallKind, text: string): { step: Step; index: number } | undefined {
    const index = this.#steps.findIndex(
      ({ match }, at) =>
        (this.#left[at] ?? 0) > 0 && match.kind === kind && text.includes(match.contains ?? ""),
    );
    const step = this.#steps[index];
    if (step === undefined) return undefined;
    this.#left[index] = (this.#left[index] ?? 0) - 1;
    return { step, index };
  }

  add(entry: LogEntry): LogEntry {
    this.entries.push(entry);
    this.#open++;
    return entry;
  }

  close(entry: LogEntry, at: number, by: "server" | "client"): void {
    entry.close_ms = at;
    entry.closed_by = by;
    if (--this.#open > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when no request is open. */
  async settled(): Promise<void> {
    if (this.#open === 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Steps that were used less often than they are owed. */
  unused(): { step: number; match: Step["match"]; left: number }[] {
    return this.#steps.flatMap(({ match }, step) => {
      const left = this.#left[step] ?? 0;
      return left > 0 ? [{ step, match, left }] : [];
    });
  }
}

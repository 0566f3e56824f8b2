import { type DestinationStream, pino } from "pino";
import { loggedError } from "./logged-error.ts";

/** Structured log of one service: fields first, then a constant message. Never content, arguments or secrets. */
export type Logger = Readonly<{
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}>;

type LoggerOptions = {
  service: string;
  level?: string;
  /** Where lines go instead of stderr. */
  to?: DestinationStream;
};

/** JSON lines on stderr, so that stdout stays free for results. An error belongs under `err`. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level ?? "info",
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => loggedError(error) },
    },
    options.to ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** A logger that keeps nothing, for tests and tools that print by themselves. */
export const silentLogger: Logger = pino({ level: "silent" });

import type { Environment } from "@forerun/runtime/config";
import type { ExitCode } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";

/** What a verb is given besides its own arguments. */
export type CommandContext = Readonly<{
  env: Environment;
  terminal: Terminal;
  /** Aborts on the first Ctrl+C or SIGTERM; a second one ends the process at once. */
  interrupt: AbortSignal;
}>;

/** A verb: does its work and tells the shell how it went; faults are thrown. */
export type Verb<Input> = (input: Input, context: CommandContext) => Promise<ExitCode>;

/** Loads a verb and runs it. */
export type Execute = <Input>(load: () => Promise<Verb<Input>>, input: Input) => Promise<void>;

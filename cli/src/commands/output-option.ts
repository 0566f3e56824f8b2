import { Option } from "commander";

export type OutputFormat = "text" | "json" | "jsonl";

/** `-o`: what the result looks like on stdout. */
export function outputOption(...formats: readonly ["text", ...OutputFormat[]]): Option {
  return new Option("-o, --output <format>", "shape of the result").choices(formats).default("text");
}

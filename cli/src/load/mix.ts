import { readFileSync } from "node:fs";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { parse } from "yaml";
import { z } from "zod";
import { issueText } from "../issue-text.ts";

/** One kind of message in a mix. `weight` is its share against the others. */
export type MixEntry = { text: string; weight: number; speculation: "auto" | "off" };

const mixSchema = z
  .array(
    z.strictObject({
      text: z.string().min(1),
      weight: z.number().positive().default(1),
      speculation: z.enum(["auto", "off"]).default("auto"),
    }),
  )
  .min(1);

/** Tools of one machine and small talk: nothing in it leaves the server. */
const DEFAULT_MIX = [
  "17% of 2400",
  "How many miles are 42 km?",
  "What time is it in Oslo?",
  "17% of 2400, and what time is it in Lima?",
  "Hello, how are you today?",
].map((text) => ({ text, weight: 1, speculation: "auto" as const }));

/** The mix of a YAML file, or the one of the house. Throws FR-E1801 for a file that is none. */
export function readMix(path: string | undefined): readonly MixEntry[] {
  if (path === undefined) return DEFAULT_MIX;
  try {
    return mixSchema.parse(parse(readFileSync(path, "utf8")));
  } catch (error) {
    const cause = error instanceof z.ZodError ? issueText(error) : (error as Error).message;
    const fix = 'expected a YAML list of {"text", "weight"?, "speculation"?: auto|off}';
    throw new ForerunError("FR-E1801", "invalid_argument", `--mix ${path}: ${cause}`, fix, { cause: error });
  }
}

/** One entry by its weight; `random` gives numbers from 0 to 1. */
export function pickFrom(mix: readonly MixEntry[], random: () => number): MixEntry {
  let left = random() * mix.reduce((sum, { weight }) => sum + weight, 0);
  const found = mix.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  const entry = found ?? mix.at(-1);
  if (!entry) throw new RangeError("a mix has at least one entry");
  return entry;
}

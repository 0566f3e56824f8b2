/** `npm run bench -- NAME [-o json]`: runs bench/NAME.ts and prints each measurement as it comes. */
import { existsSync, readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Measurement } from "./measurement.ts";

type Bench = { run(): AsyncIterable<Measurement> };

const HERE = new URL(".", import.meta.url);
/** Files beside the benches that are not benches. */
const PARTS = new Set(["run", "measurement"]);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { output: { type: "string", short: "o", default: "text" } },
});
const [name] = positionals;
const names = readdirSync(HERE)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length))
  .filter((file) => !PARTS.has(file));

if (!name || !names.includes(name) || !existsSync(new URL(`${name}.ts`, HERE))) {
  process.stderr.write(`usage: npm run bench -- NAME [-o json]; there are ${names.join(", ")}\n`);
  process.exit(2);
}

const bench = (await import(new URL(`${name}.ts`, HERE).href)) as Bench;
let measured = 0;
for await (const measurement of bench.run()) {
  measured += 1;
  process.stdout.write(`${values.output === "json" ? JSON.stringify(measurement) : asText(measurement)}\n`);
}
// A bench that measured nothing must not look like one that passed.
if (measured === 0) process.exitCode = 1;

function asText({ case: label, metric, unit, median, min, max, ratio, aim, met }: Measurement): string {
  const figure = `${short(median)} [${short(min)}–${short(max)}] ${unit}`;
  const compared = ratio === null ? "" : `× ${short(ratio)}`;
  const verdict = aim === null ? "" : `${aim} ${met ? "met" : "NOT met"}`;
  return [label.padEnd(44), metric.padEnd(30), figure.padEnd(36), compared.padEnd(10), verdict]
    .join(" ")
    .trimEnd();
}

function short(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

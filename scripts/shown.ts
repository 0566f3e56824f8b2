/**
 * `npm run shown`: writes what the README shows. Commands run against a server of their own; figures come from docs/measured,
 * where `npm run bench -- NAME -o json > docs/measured/NAME.jsonl` puts them.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Measurement } from "../bench/measurement.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const README = join(ROOT, "README.md");
const CLI = join(ROOT, "cli/bin/forerun.mjs");
const QUESTION = "17% of 2400, and what time is it in Oslo?";

/** A ledger that adds up is a check, no figure; the second setting of early calls, and mere repetitions, stand in docs/measured. */
const LEFT_OUT = /ledger|no draft|^150\/120\/150|^c=128/;

const run = promisify(execFile);

const shown: Record<string, string> = { chat: await chat(), measured: measured() };
let text = readFileSync(README, "utf8");
for (const [name, body] of Object.entries(shown)) {
  const block = new RegExp(`(<!-- shown:${name} -->\n)[\\s\\S]*?(<!-- /shown -->)`);
  if (!block.test(text)) throw new Error(`README.md has no place for ${name}`);
  text = text.replace(block, (_all, open: string, close: string) => `${open}${body}\n${close}`);
}
writeFileSync(README, text);

/** The first question and its timeline, as a terminal shows them. */
async function chat(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "forerun-shown-"));
  const env = {
    ...process.env,
    CI: "1",
    PORT: "0",
    GRPC_PORT: "0",
    METRICS_ADDR: "127.0.0.1:0",
    DATA_DIR: folder,
    LOG_LEVEL: "silent",
  };
  const server = spawn(process.execPath, [CLI, "start"], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await new Promise<string[]>((resolve) => {
      createInterface({ input: server.stdout }).once("line", (first) => resolve([first]));
    });
    const { http } = JSON.parse(line ?? "{}") as { http: string };
    const client = { env: { ...process.env, FORERUN_URL: http, NO_COLOR: "1" } };
    // The second time: what a person sees once the server is warm.
    await run(process.execPath, [CLI, "chat", QUESTION], client);
    const answer = await run(process.execPath, [CLI, "chat", QUESTION], client);
    const timeline = await run(process.execPath, [CLI, "turn", "show", "last"], client);
    const session = [
      `$ npx forerun chat "${QUESTION}"`,
      answer.stdout.trim(),
      "",
      "$ npx forerun turn show last",
      timeline.stdout.trimEnd(),
    ];
    return `\`\`\`text\n${session.join("\n")}\n\`\`\``;
  } finally {
    server.kill("SIGTERM");
    await new Promise((resolve) => server.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lines with an aim, of every bench that has been kept. */
function measured(): string {
  const folder = join(ROOT, "docs/measured");
  const lines = readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), "utf8").trim().split("\n"))
    .map((line) => JSON.parse(line) as Measurement)
    .filter(({ aim, case: label }) => aim !== null && !LEFT_OUT.test(label));
  if (lines.length === 0) throw new Error("docs/measured holds no figure with an aim");
  const rows = lines.map(({ bench, case: label, metric, unit, median, min, max, ratio, aim, met }) => {
    const figure = `${short(median)} [${short(min)}–${short(max)}] ${unit}`;
    return `| \`${bench}\` | ${label}, ${metric} | ${figure} | ${ratio === null ? "" : short(ratio)} | ${aim}${met ? "" : ": **not met**"} |`;
  });
  return ["| `npm run bench --` | what | figure | ratio | aim |", "|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}

function short(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

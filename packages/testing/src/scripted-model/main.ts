import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readScript } from "./script.ts";
import { serveSteps } from "./server.ts";

const USAGE = "usage: npm run model:scripted -- --script FILE [--port 0]";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "0" }, script: { type: "string" } },
  });
  const port = Number(values.port);
  if (values.script === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(USAGE);
  }
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const started = performance.now();
  const model = await serveSteps(readScript(values.script), port);
  const ms = Math.round(performance.now() - started);
  const http = new URL(model.url).origin;
  console.log(JSON.stringify({ event: "ready", version, http, model_url: model.url, pid: process.pid, ms }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void model[Symbol.asyncDispose]());
  }
}

main().catch((fault: unknown) => {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exitCode = 1;
});

import { duration } from "@forerun/timeline/duration";
import type { Serving } from "./serving.ts";

const WIDTH = 78;
const DEFAULT_HTTP = "http://localhost:8080";

/** What a person sees when everything is up: where it is, what it runs on, what to try. At most 24 lines of 80 columns. */
export function banner(serving: Serving): string[] {
  const title = `Forerun ${serving.version}`;
  const http = atLocalhost(serving.http);
  return [
    "",
    `  ${title}${`ready in ${duration(serving.ms)}`.padStart(WIDTH - title.length)}`,
    "",
    place("Chat", http, "no login on this machine"),
    place("API", http, "Connect, gRPC-Web, OpenAI /v1"),
    place("", atLocalhost(serving.grpc), "gRPC (plaintext, reflection on)"),
    place("Metrics", atLocalhost(serving.metrics), "Prometheus"),
    "",
    ...modelLines(serving.model),
    ...(serving.embedder === null ? [] : [fact("embedder", serving.embedder)]),
    fact("bus", serving.bus === "in-process" ? "in this process" : serving.bus),
    ...(serving.cache === "redis" ? [fact("cache", "in this process, shared over Redis")] : []),
    fact("memory", serving.store === "pglite" ? `${serving.dataDir} (PGlite)` : "Postgres"),
    fact("tools", toolsLine(serving)),
    "",
    `  Try        ${firstCommand(http)}`,
    "  Stop       Ctrl+C",
    "",
  ];
}

/** Commands look at the default port: anywhere else they have to be told. */
function firstCommand(http: string): string {
  if (http === DEFAULT_HTTP) return 'npx forerun chat "17% of 2400, and the time in Oslo?"';
  return `FORERUN_URL=${http} npx forerun chat "17% of 2400"`;
}

function place(name: string, address: string, what: string): string {
  return `  ${name.padEnd(11)}${address.padEnd(32)}${what}`;
}

function fact(name: string, value: string): string {
  return `  ${name.padEnd(11)}${value}`;
}

function modelLines(model: string | null): string[] {
  if (model) return [fact("model", model)];
  return [
    fact("model", "none: answers are composed from tools and documents"),
    fact("", "OPENAI_API_KEY=… or MODEL_URL=http://localhost:11434/v1 for one"),
  ];
}

function toolsLine({ tools }: Serving): string {
  if (tools === 0) return "none (FORERUN_TOOLS=off)";
  return `${tools} ready`;
}

/** People read "localhost" more easily than the address behind it. */
function atLocalhost(address: string): string {
  return address.replace("127.0.0.1", "localhost");
}

#!/usr/bin/env node
// Runs the sources as they are, from any folder: tsx and its settings are found beside this file, not beside the caller.
import { fileURLToPath } from "node:url";

process.env.TSX_TSCONFIG_PATH ??= fileURLToPath(new URL("../../tsconfig.json", import.meta.url));
const loader = import.meta.resolve("tsx");
process.execArgv.push("--import", loader);
await import(loader);

const { main } = await import("../src/main.ts");
await main(process);

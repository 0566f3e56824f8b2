import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts a thread on a TypeScript source. On Node 20 a thread knows nothing of the loader its parent runs under (and `--import
 * tsx` registers in the main thread alone), so the loader is registered in the thread before its module is read.
 * In a bundle the source is JavaScript already (scripts/build/own-sources.ts), and needs none.
 */
export function startTypescriptWorker(
  source: URL,
  workerData: unknown,
  options: Pick<WorkerOptions, "env" | "resourceLimits"> = {},
): Worker {
  if (source.pathname.endsWith(".js")) return new Worker(source, { ...options, workerData });
  const loader = `import{register}from${JSON.stringify(import.meta.resolve("tsx/esm/api"))};register();`;
  return new Worker(source, {
    ...options,
    workerData,
    execArgv: ["--import", `data:text/javascript,${encodeURIComponent(loader)}`],
  });
}

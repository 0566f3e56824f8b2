import { findBinary } from "./binaries.ts";
import { freePort } from "./free-port.ts";
import { startServer } from "./server-process.ts";

/** A connection that can be made worse: clients connect to `port` and reach the upstream through it. */
export type LinkProxy = {
  port: number;
  /** Ends every connection, and lets no new one in, until `restore`. */
  cut(): Promise<void>;
  /** Keeps connections open and lets nothing through in either direction, until `restore`. */
  stall(): Promise<void>;
  /** Holds back what the upstream says for so many milliseconds, until `restore`. */
  slow(ms: number): Promise<void>;
  restore(): Promise<void>;
};

export type RunningToxiproxy = {
  /** A proxy to `upstream`, a port of 127.0.0.1. */
  proxy(upstream: number): Promise<LinkProxy>;
} & AsyncDisposable;

/** Starts a real Toxiproxy on 127.0.0.1. */
export async function startToxiproxy(): Promise<RunningToxiproxy> {
  const port = await freePort();
  const server = await startServer({
    path: findBinary("toxiproxy"),
    args: ["-host", "127.0.0.1", "-port", String(port)],
    readyLine: "Starting HTTP server",
    log: "stdout",
    stopSignal: "SIGTERM",
    lastSignal: "SIGKILL",
  });
  const call = (path: string, body: object) => post(`http://127.0.0.1:${port}${path}`, body);
  await untilServed(port);
  return {
    proxy: (upstream) => openProxy(call, upstream),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

type Call = (path: string, body: object) => Promise<void>;

async function openProxy(call: Call, upstream: number): Promise<LinkProxy> {
  const port = await freePort();
  const name = `to-${upstream}-${port}`;
  await call("/proxies", { name, listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${upstream}` });
  const toxic = (type: string, stream: string, attributes: object) =>
    call(`/proxies/${name}/toxics`, { name: `${type}-${stream}`, type, stream, attributes });
  return {
    port,
    cut: () => call(`/proxies/${name}`, { enabled: false }),
    async stall() {
      // No time-out is given: data is held for as long as the toxic is there.
      for (const stream of ["upstream", "downstream"]) await toxic("timeout", stream, { timeout: 0 });
    },
    slow: (ms) => toxic("latency", "downstream", { latency: ms }),
    // Enables every proxy and takes away every toxic.
    restore: () => call("/reset", {}),
  };
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`toxiproxy answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

const TRIES = 50;

/** Its log line comes just before it listens. */
async function untilServed(port: number): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await (await fetch(`http://127.0.0.1:${port}/version`)).arrayBuffer();
      return;
    } catch (fault) {
      if (tries === TRIES) throw fault;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Meter } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { drainGauge } from "./drain-gauge.ts";
import { observeProcess } from "./process-metrics.ts";

export type Metrics = {
  meter: Meter;
  /** From now on the process shows that it takes nothing new. */
  drainBegins(): void;
  handle(request: IncomingMessage, response: ServerResponse): void;
} & AsyncDisposable;

/** One registry of one process, read by Prometheus through `handle`. */
export function createMetrics(service: string): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ "service.name": service }),
    readers: [exporter],
  });
  const meter = provider.getMeter("forerun");
  const process = observeProcess(meter);
  return {
    meter,
    drainBegins: drainGauge(meter),
    handle: (request, response) => exporter.getMetricsRequestHandler(request, response),
    async [Symbol.asyncDispose]() {
      process[Symbol.dispose]();
      await provider.shutdown();
    },
  };
}

export type MetricsServer = { url: string } & AsyncDisposable;

/** Serves `/metrics` on its own port, which is never the public one. Rejects with the system's error when the port is taken. */
export async function serveMetrics(metrics: Metrics, host: string, port: number): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/metrics") return metrics.handle(request, response);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

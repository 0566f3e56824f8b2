import type { Logger } from "@forerun/runtime/logger";
import type { SpanExporter } from "@opentelemetry/sdk-trace-node";

/** Success of an export, as the SDK numbers it. */
const SUCCESS = 0;

/** Says once that spans do not arrive, and once that they do again: without it a wrong endpoint would go unnoticed. */
export function reportingExporter(exporter: SpanExporter, log: Logger): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== SUCCESS;
        if (failed && !failing) {
          log.warn({ err: result.error, spans: spans.length }, "spans do not reach the OTLP endpoint");
        }
        if (!failed && failing) log.info({}, "spans reach the OTLP endpoint again");
        failing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

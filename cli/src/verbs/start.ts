import { once } from "node:events";
import { openVerifier } from "@forerun/auth/open-verifier";
import { servePublic } from "@forerun/chat/public-servers";
import { hostAndPort } from "@forerun/host/open-host";
import { type Environment, readEnv } from "@forerun/runtime/config";
import { DisposalStack } from "@forerun/runtime/disposal";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { createLogger } from "@forerun/runtime/logger";
import { requireLoopbackWithoutAuth } from "@forerun/runtime/loopback";
import { serveMetrics } from "@forerun/telemetry/metrics";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readSettings } from "../settings/read-settings.ts";
import type { SettingFlags } from "../settings/setting-flags.ts";
import { startStack } from "../stack.ts";
import { banner } from "../start/banner.ts";
import { choosePorts } from "../start/choose-ports.ts";
import { readyLine } from "../start/serving.ts";
import { TurnReporter } from "../start/turn-reporter.ts";
import { VERSION } from "../version.ts";

/** Serves everything in this process until it is interrupted; then it takes no new turns and lets running ones end. */
export async function start({ flags }: { flags: SettingFlags }, context: CommandContext): Promise<ExitCode> {
  const { terminal, interrupt } = context;
  const env = await readyEnvironment(context, flags);
  const settings = readEnv(ENVIRONMENT, env);
  await using resources = new DisposalStack();
  const reporter = new TurnReporter(terminal);
  const verify = await openVerifier(env, createLogger({ service: "chat", level: settings.LOG_LEVEL }));
  const stack = resources.use(
    await startStack(env, { verify, turnEnded: (turnId) => reporter.ended(turnId) }),
  );
  const metricsAt = hostAndPort(settings.METRICS_ADDR);
  const metrics = resources.use(await serveMetrics(stack.metrics, metricsAt.host, metricsAt.port));
  const servers = resources.use(
    await servePublic(stack.app, {
      host: settings.HOST,
      port: settings.PORT,
      grpcPort: settings.GRPC_PORT,
      maxMessageBytes: settings.MAX_MESSAGE_BYTES,
      maxConnectionAgeMs: settings.MAX_CONNECTION_AGE,
      log: stack.log,
    }),
  );
  const { tools } = await stack.tools.listTools({}, stack.callerOptions());
  const serving = {
    version: VERSION,
    http: servers.http,
    grpc: servers.grpc,
    metrics: metrics.url,
    // Counted from the start of the process: what the person waits for.
    ms: performance.now(),
    model: stack.model,
    embedder: stack.embedder,
    store: stack.store,
    bus: stack.bus,
    cache: settings.REDIS_URL ? ("redis" as const) : ("in-process" as const),
    dataDir: settings.DATA_DIR,
    tools: tools.length,
  };
  if (terminal.interactive) {
    for (const line of banner(serving)) terminal.result(line);
    reporter.follow(stack);
  } else {
    terminal.result(readyLine(serving, process.pid));
  }
  if (!interrupt.aborted) await once(interrupt, "abort");
  if (terminal.interactive) terminal.say("\n  Stopping: running turns may end; Ctrl+C again quits at once");
  await servers.drain();
  return EXIT.ok;
}

/** The environment with flags and settled ports. A person at a terminal wants the banner, not the log: LOG_LEVEL brings it back. */
async function readyEnvironment(context: CommandContext, flags: SettingFlags): Promise<Environment> {
  const { env } = readSettings(context.env, flags);
  const { HOST, AUTH } = readEnv(ENVIRONMENT.pick({ HOST: true, AUTH: true }), env);
  requireLoopbackWithoutAuth(HOST, AUTH);
  const quiet = context.terminal.interactive ? { LOG_LEVEL: "error" } : {};
  return choosePorts({ ...quiet, ...env }, (line) => context.terminal.say(line));
}

import { readEmbeddings } from "@forerun/embeddings/settings";
import { MODEL_TIERS, readTier } from "@forerun/llm/model-settings";
import { readEnv } from "@forerun/runtime/config";
import { ConfigError, fixOf } from "@forerun/runtime/config-fault";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { requireLoopbackWithoutAuth } from "@forerun/runtime/loopback";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { checkDataFolder, checkOwner, ownerOf } from "../doctor/check-data-folder.ts";
import { checkEmbeddings } from "../doctor/check-embeddings.ts";
import { checkTier } from "../doctor/check-model.ts";
import { checkNode } from "../doctor/check-node.ts";
import { checkPort } from "../doctor/check-port.ts";
import { checkPostgres } from "../doctor/check-postgres.ts";
import { checkRedis } from "../doctor/check-redis.ts";
import { checkToolsFolder } from "../doctor/check-tools-folder.ts";
import { type Finding, fine, wrong } from "../doctor/finding.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { listens } from "../reach.ts";
import { namesOfSources, readSettings } from "../settings/read-settings.ts";
import type { SettingFlags } from "../settings/setting-flags.ts";
import type { SettingSources } from "../settings/settings.ts";

/** Checks the machine, each fault with its fix. Any fault is exit code 1. */
export async function doctor(
  { flags, output }: { flags: SettingFlags; output: OutputFormat },
  { env, terminal }: CommandContext,
): Promise<ExitCode> {
  const findings = [checkNode(process.versions.node), ...(await checkConfigured(env, flags))];
  if (output === "json") terminal.result(JSON.stringify(findings));
  else for (const finding of findings) terminal.result(line(finding, terminal.paint.result));
  const healthy = findings.every((finding) => finding.ok);
  if (output === "text") {
    terminal.say(terminal.paint.say.dim(`Next  npx forerun ${healthy ? "start" : "doctor, once mended"}`));
  }
  return healthy ? EXIT.ok : EXIT.badResult;
}

type Paint = CommandContext["terminal"]["paint"]["result"];

function line({ check, ok, detail, fix }: Finding, { green, red }: Paint): string {
  const first = `${ok ? green("✓") : red("✕")} ${check.padEnd(20)}${detail}`;
  return fix ? `${first}\n  ${"".padEnd(20)}fix: ${fix}` : first;
}

/** Everything beyond Node depends on the configuration; while that is wrong, it is the one finding. */
async function checkConfigured(env: CommandContext["env"], flags: SettingFlags): Promise<Finding[]> {
  try {
    const sources = readSettings(env, flags);
    return [fine("configuration", `valid: ${namesOfSources(sources)}`), ...(await checkMachine(sources))];
  } catch (fault) {
    if (!(fault instanceof ConfigError)) throw fault;
    return fault.faults.map((one) =>
      wrong("configuration", `${one.where}  ${one.key}: ${one.problem}`, fixOf(one)),
    );
  }
}

async function checkMachine({ env, file }: SettingSources): Promise<Finding[]> {
  const settings = readEnv(ENVIRONMENT, env);
  const owner = ownerOf(settings.DATA_DIR);
  const [metricsHost = "", metricsPort] = settings.METRICS_ADDR.split(/:(?=\d+$)/);
  const port = (name: string, host: string, number: number) =>
    checkPort({ name, host, port: number, chosen: Boolean(env[name]?.trim()), ownerPid: owner?.pid });
  const findings = await Promise.all([
    checkAddress(settings.HOST, settings.AUTH),
    checkDataFolder(settings.DATA_DIR),
    checkOwner(owner, settings.DATA_DIR, await listens(settings.FORERUN_URL)),
    port("PORT", settings.HOST, settings.PORT),
    port("GRPC_PORT", settings.HOST, settings.GRPC_PORT),
    port("METRICS_ADDR", metricsHost, Number(metricsPort)),
    ...MODEL_TIERS.map((tier) => checkTier(tier, readTier(tier, settings, file.config.models, env))),
    checkEmbeddings(readEmbeddings(env, file.config)),
    checkPostgres(settings.DATABASE_URL),
    checkRedis(settings.REDIS_URL),
    checkToolsFolder(settings.TOOLS_DIR),
  ]);
  return findings.flat();
}

function checkAddress(host: string, auth: string): Finding {
  try {
    requireLoopbackWithoutAuth(host, auth);
    return fine("address", `${host} is reached from this machine alone`);
  } catch (fault) {
    if (!(fault instanceof ForerunError)) throw fault;
    return wrong("address", fault.message, fault.fix);
  }
}

import { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import { ConfigError, fixOf } from "@forerun/runtime/config-fault";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { Terminal } from "./terminal.ts";

/** Says on stderr what went wrong: code, cause, fix and page, one line a fault. */
export function reportFault(fault: unknown, terminal: Terminal): void {
  for (const { code, cause, fix } of facesOf(fault)) {
    const { bold, dim, red } = terminal.paint.say;
    terminal.say([`${red("✖")} ${bold(code)}`, cause, fix].filter(Boolean).join("  "));
    if (/^FR-E\d{4}$/.test(code)) terminal.say(dim(`  docs/errors/${code}.md`));
  }
}

/** How a person meets a fault. */
export type FaultFace = { code: string; cause: string; fix: string };

export function facesOf(fault: unknown): FaultFace[] {
  if (fault instanceof ConfigError) {
    return fault.faults.map((one) => ({
      code: one.code,
      cause: `${one.where}  ${one.key}: ${one.problem}`,
      fix: fixOf(one),
    }));
  }
  if (fault instanceof ForerunError) return [{ code: fault.code, cause: fault.message, fix: fault.fix }];
  if (fault instanceof ConnectError) return [ofConnectError(fault)];
  const cause = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
  return [{ code: "FR-E1804", cause, fix: "this is a fault of the program: please report these lines" }];
}

function ofConnectError(error: ConnectError): FaultFace {
  const info = error.findDetails(ErrorInfoSchema).find((detail) => detail.domain === "forerun");
  return {
    code: info?.reason ?? error.message.replace(/^\[(\w+)\].*$/s, "$1"),
    cause: error.rawMessage,
    fix: info?.metadata.fix ?? "",
  };
}

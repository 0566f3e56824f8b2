import { randomBytes } from "node:crypto";
import { CallInbox } from "@forerun/bus/call-inbox";
import { openBus } from "@forerun/bus/open-bus";
import type { CallBus as MakingCalls } from "@forerun/chat/bus-calls-wire";
import { claimSigner, claimVerifier } from "@forerun/rpc/claim";
import type { DisposalStack } from "@forerun/runtime/disposal";
import type { BusSignals } from "@forerun/telemetry/bus-signals";
import type { CallBus as TakingCalls } from "@forerun/tool-executor/bus-calls-wire";

/** Early calls of tools within one process take the way that they take between processes: chat's end of it and the executor's. */
export async function openCallBus(
  resources: DisposalStack,
  signalsOf: (service: string) => BusSignals,
): Promise<{ making: MakingCalls; taking: TakingCalls }> {
  const { bus, subjects, observe } = await openBus({
    url: undefined,
    env: "dev",
    lane: "default",
    name: "forerun",
    observe: () => {},
  });
  resources.use(bus);
  const inbox = resources.use(await CallInbox.open(bus, subjects));
  // Nobody else reads these claims.
  const key = randomBytes(32).toString("base64");
  return {
    making: { bus, subjects, observe, inbox, sign: claimSigner(key, "chat"), signals: signalsOf("chat") },
    taking: { bus, subjects, observe, verify: claimVerifier(key), signals: signalsOf("tool-executor") },
  };
}

import { CallInbox } from "@forerun/bus/call-inbox";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { Host } from "@forerun/host/open-host";
import { readSecret } from "@forerun/llm/secret";
import type { Environment } from "@forerun/runtime/config";
import type { DisposalStack } from "@forerun/runtime/disposal";
import type { ToolLane } from "./tool-lanes-wire.ts";

/** Opens the ways to the lanes of forerun.yaml, each with the lane's own user of NATS. Throws ConfigError for a secret that is not there. */
export async function openLanes(
  host: Host,
  environment: Environment,
  stack: DisposalStack,
): Promise<Map<string, ToolLane>> {
  const lanes = new Map<string, ToolLane>();
  for (const [lane, { tool_executor: address, nats }] of Object.entries(host.file.lanes)) {
    const url = nats && readSecret(nats, `lanes.${lane}.nats`, environment);
    const opened = url ? await host.openBus({ lane, url }) : undefined;
    lanes.set(lane, {
      tools: host.connect(ToolService, address),
      bus: opened && {
        ...opened,
        inbox: stack.use(await CallInbox.open(opened.bus, opened.subjects, opened.observe)),
      },
    });
  }
  return lanes;
}

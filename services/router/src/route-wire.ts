import { type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { Reused } from "@forerun/cache/cache";
import { Audit, type ToolCallRecord, ToolChoice } from "@forerun/contracts/forerun/common/v1/common_pb";
import {
  DraftSource,
  type RouteRequest,
  type RouteResponseSchema,
} from "@forerun/contracts/forerun/router/v1/router_pb";
import { ForerunError } from "@forerun/runtime/forerun-error";
import type { ToolSet } from "./clients.ts";
import type { RouterConfig } from "./config.ts";
import type {
  EarlierCall,
  RouteDecision,
  RoutedCall,
  RouteQuestion,
  RouteStep,
  DraftSource as Source,
} from "./route-decision.ts";
import type { Json, JsonObject } from "./tier0/tool-definition.ts";
import { withDefaults } from "./with-defaults.ts";

/** Throws ForerunError FR-E1301 for a time or a zone that does not exist. */
export function questionFromWire(request: RouteRequest, config: RouterConfig): RouteQuestion {
  return {
    text: request.text,
    history: request.history.map(({ role, content }) => ({
      role: role === "assistant" ? "assistant" : "user",
      content,
    })),
    toolChoice: toolChoiceFromWire(request.toolChoice),
    allowedTools: request.allowedTools,
    now: timeOf(request.now),
    timeZone: zoneOf(request.timeZone),
    maxModelCalls: request.maxModelCalls,
    answerModelCalls: request.answerModelCalls,
    earlierCalls: request.earlierCalls.flatMap(earlierFromWire),
    maxToolCalls: request.maxToolCalls > 0 ? request.maxToolCalls : config.maxToolCalls,
  };
}

function earlierFromWire({ call, output, errorMessage }: ToolCallRecord): EarlierCall[] {
  if (!call) return [];
  const { callId, name } = call;
  const result: EarlierCall["result"] = output
    ? { kind: "output", output: toJson(ValueSchema, output) as Json }
    : { kind: "failure", message: errorMessage };
  return [{ callId, name, arguments: (call.arguments ?? {}) as JsonObject, result }];
}

function toolChoiceFromWire(choice: ToolChoice): RouteQuestion["toolChoice"] {
  switch (choice) {
    case ToolChoice.NONE:
      return "none";
    case ToolChoice.REQUIRED:
      return "required";
    default:
      return "auto";
  }
}

function timeOf(now: string): Date {
  if (now === "") return new Date();
  const time = new Date(now);
  if (!Number.isNaN(time.getTime())) return time;
  throw new ForerunError(
    "FR-E1301",
    "invalid_argument",
    `now: "${now.slice(0, 40)}" is no time`,
    "send RFC 3339, such as 2026-03-01T12:00:00Z",
  );
}

function zoneOf(zone: string): string {
  if (zone === "") return "UTC";
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new ForerunError(
      "FR-E1301",
      "invalid_argument",
      `time_zone: there is no zone "${zone.slice(0, 40)}"`,
      "send an IANA name, such as Europe/Oslo",
    );
  }
}

const AUDITS = {
  none: Audit.UNSPECIFIED,
  agreed: Audit.AGREED,
  disagreed: Audit.DISAGREED,
} as const satisfies Record<RouteDecision["audit"], Audit>;

export function stepToWire(
  step: RouteStep,
  facts: ToolSet["facts"],
): MessageInitShape<typeof RouteResponseSchema> {
  switch (step.kind) {
    case "draft":
      return {
        event: {
          case: "draft",
          value: {
            call: callToWire(step.call, facts),
            source: SOURCES[step.source],
            pTool: step.pTool,
            pArguments: step.pArguments,
            mayStartEarly: facts.get(step.call.name)?.harmless ?? false,
            costMicros: facts.get(step.call.name)?.costMicros ?? 0,
          },
        },
      };
    case "decided": {
      const { calls, candidates, audit, ...rest } = step.decision;
      const decision = {
        ...rest,
        calls: calls.map((call) => callToWire(call, facts)),
        candidates: candidates.map((one) => ({ ...one })),
        audit: AUDITS[audit],
      };
      const { model, ...usage } = step.usage;
      return { event: { case: "decided", value: { decision, usage, model, ...reusedOf(step) } } };
    }
    default:
      return step satisfies never;
  }
}

function reusedOf({ reused }: { reused?: Reused | undefined }) {
  return reused ? { reused: { ...reused } } : {};
}

const SOURCES: Readonly<Record<Source, DraftSource>> = {
  tier0: DraftSource.TIER0,
  decision: DraftSource.DECISION,
};

/** Drafted and decided calls alike get the schema's defaults, so that equal calls have equal arguments. */
function callToWire(call: RoutedCall, facts: ToolSet["facts"]) {
  const { callId, name, dependsOn } = call;
  const known = facts.get(name);
  const args = known ? withDefaults(known.inputSchema, call.arguments) : call.arguments;
  return { callId, name, arguments: args, dependsOn: [...dependsOn], toolHash: known?.hash ?? "" };
}

/** A call of a tool over gRPC, made again where its executor is lost: executors note what changes something, so that it happens once. */
import { setTimeout as delay } from "node:timers/promises";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { type CallBus, type CallOf, cancelOverBus } from "./bus-calls-wire.ts";
import type { CallScope, ToolStep } from "./collaborators.ts";
import type { StopReason } from "./ending.ts";
import { toWireCall } from "./noun-wire.ts";
import { Fenced } from "./scribe.ts";
import { faultOf, optionsOf } from "./service-call-wire.ts";
import { toolStepOf } from "./tool-step-wire.ts";
import type { ToolCall } from "./turn.ts";

export type DirectCallsDeps = Readonly<{ tools: Client<typeof ToolService>; bus: CallBus | undefined }>;

/** Pauses before a call that was begun is made again, in milliseconds: another executor may have to come up first. */
const BEGUN_AGAIN_MS = [50, 500, 2_000];
/** Of one that nobody has taken, so far as is known: another executor knows better, or there is none. */
const UNHEARD_AGAIN_MS = [50];
/** What a call ends with when its executor or the way to it is lost. */
const LOST: ReadonlySet<Code> = new Set([Code.Unavailable, Code.Internal]);
const CANCEL_WITHIN_MS = 2_000;

/** The call's steps; the last is its result or failure. Rejects only when the scope's signal says so. */
export async function* executeDirectly(
  deps: DirectCallsDeps,
  call: ToolCall,
  of: CallOf,
  scope: CallScope,
): AsyncGenerator<ToolStep> {
  let [begun, writes] = [false, false];
  const cancel = () => {
    if (writes && isOver(scope.signal.reason)) void cancelEverywhere(deps, call, of, scope);
  };
  scope.signal.addEventListener("abort", cancel, { once: true });
  try {
    for (let tries = 0; ; tries += 1) {
      const request = { call: toWireCall(call), ...of, attempt: of.attempt + tries };
      try {
        for await (const response of deps.tools.execute(request, optionsOf(scope))) {
          const step = toolStepOf(response);
          if (step?.kind === "accepted") [begun, writes] = [true, step.writes];
          if (step) yield step;
        }
        return;
      } catch (fault) {
        if (scope.signal.aborted) throw fault;
        const pauses = begun ? BEGUN_AGAIN_MS : UNHEARD_AGAIN_MS;
        const pause = LOST.has(ConnectError.from(fault).code) ? pauses[tries] : undefined;
        if (pause === undefined) return yield lastWords(fault, writes);
        await delay(pause, undefined, { signal: scope.signal });
      }
    }
  } finally {
    scope.signal.removeEventListener("abort", cancel);
  }
}

/** An executor that cannot be reached is a failed tool, worded for the model: the turn still answers. */
function lastWords(fault: unknown, writes: boolean): ToolStep {
  const { code } = faultOf("tool-executor", fault);
  if (!writes) {
    const message = `the tool could not be run (${code}); try again later`;
    return { kind: "failure", code: "unreachable", message };
  }
  const message = `the tool was begun and cannot be reached any more (${code}): what it was to change may have been changed. Do not call it again for this; say that it has to be checked.`;
  return { kind: "failure", code: "outcome_unknown", message };
}

/** False where somebody else goes on with the turn, and wants to hear how its calls ended. */
function isOver(reason: unknown): boolean {
  return !(reason instanceof Fenced) && reason !== ("shutdown" satisfies StopReason);
}

/** A call that changes something goes on when its stream ends, so it has to be told. Whoever runs it hears that over the bus. */
async function cancelEverywhere(
  { tools, bus }: DirectCallsDeps,
  { callId }: ToolCall,
  { turnId }: CallOf,
  { caller }: CallScope,
): Promise<void> {
  if (bus) return cancelOverBus(bus, callId, { turnId, attempt: 0 }, await bus.sign(caller));
  const options = asCaller(caller, {
    signal: AbortSignal.timeout(CANCEL_WITHIN_MS),
    timeoutMs: CANCEL_WITHIN_MS,
  });
  await tools.cancel({ turnId, callId }, options).catch(() => {});
}

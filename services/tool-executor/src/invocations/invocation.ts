import { createHash, randomUUID } from "node:crypto";
import type { Caller } from "@forerun/runtime/caller";
import { guard } from "@forerun/runtime/guard";
import { canonicalJson } from "@forerun/toolkit/canonical-json";
import type { PreparedCall } from "../prepare-call.ts";
import type { CallEnd, CallId, CallRequest } from "../tool-call.ts";

type TracedCallId = CallId & Pick<CallRequest, "trace">;

/** One call of a tool that changes something, and one run of it. */
export type Invocation = Readonly<{
  /** The same however often the call is made. */
  id: string;
  /** This run's own. */
  run: string;
  of: TracedCallId;
  tool: string;
}>;

/**
 * The invocation of a call: tenant, turn, call, tool and arguments make it, however often it is made. A call without an id
 * is like no other.
 */
export function invocationOf(
  { registered, arguments: args }: PreparedCall,
  of: TracedCallId,
  caller: Caller,
): Invocation {
  const { name } = registered.tool;
  const run = randomUUID();
  const call = of.callId || run;
  const tenant = guard("tools.invocation.tenant", caller.tenant, "");
  const content = canonicalJson([tenant, of.turnId, call, name, args]);
  return { id: createHash("sha256").update(content).digest("base64url"), run, of, tool: name };
}

/** What the record says of an invocation. */
export type Reservation =
  /** It was not there before: this run, and no other, may begin. */
  | { kind: "ours" }
  /** It ended, in this way. */
  | { kind: "ended"; end: CallEnd }
  /** Another run of it is under way. */
  | { kind: "running" }
  /** Another run of it began, and who ran it is gone. */
  | { kind: "unknown" };

/** The record of calls that change something. Methods throw what the store throws. */
export type Invocations = Readonly<{
  /** Notes the invocation unless it is noted already. Asked again for the same run, it says the same. */
  reserve(caller: Caller, invocation: Invocation): Promise<Reservation>;
  /** Notes how the invocation ended. */
  settle(caller: Caller, invocation: Invocation, end: CallEnd): Promise<void>;
  /** Forgets an invocation whose tool never ran. */
  release(caller: Caller, invocation: Invocation): Promise<void>;
  /** Says that these runs go on, for all tenants; whoever falls silent for `leaseMs` is gone. */
  beat(runs: readonly string[]): Promise<void>;
  leaseMs: number;
}>;

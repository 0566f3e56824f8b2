import { openDatabase } from "@forerun/db/open";
import { locationIn, type StorePlace } from "@forerun/db/store-place";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { Logger } from "@forerun/runtime/logger";
import type { Invocations } from "./invocation.ts";
import { forgetInvocations, invocationStore } from "./invocation-store.ts";
import { TOOLS_SCHEMA } from "./schema.ts";

/** A run that nobody heard of for so long counts as dead, in milliseconds. */
const LEASE_MS = 3_000;
/** No turn, paused ones included, is taken up again after so many days. */
const KEPT_DAYS = 30;
const FORGET_AFTER_MS = 60_000;
const FORGET_EVERY_MS = 3_600_000;

/** Opens the record of calls that change something, and removes what is old every hour. Throws FR-E1101…1108. */
export async function openInvocations(
  place: StorePlace,
  log: Logger,
): Promise<Invocations & AsyncDisposable> {
  const stack = new DisposalStack();
  const db = stack.use(await openDatabase(locationIn(place, "chat"), { ...TOOLS_SCHEMA, log }));
  const forget = () =>
    void forgetInvocations(db, KEPT_DAYS).catch((fault: unknown) =>
      log.warn({ err: fault }, "old calls could not be forgotten"),
    );
  const soon = setTimeout(forget, FORGET_AFTER_MS).unref();
  const often = setInterval(forget, FORGET_EVERY_MS).unref();
  stack.defer(() => {
    clearTimeout(soon);
    clearInterval(often);
  });
  return { ...invocationStore(db, LEASE_MS), [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

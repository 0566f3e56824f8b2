import { setMaxListeners } from "node:events";
import { Code, ConnectError } from "@connectrpc/connect";

/** One call's end: its own signal, fed by a deadline and by the signal of whoever asked. */
export type CallSignal = Readonly<{
  signal: AbortSignal;
  /** Why the call ended. Only to be read once it has. */
  reason(): ConnectError;
  /** Milliseconds left, undefined without a deadline. */
  timeLeftMs(): number | undefined;
  /** Ends the call for a reason; later reasons are ignored. */
  abort(reason: ConnectError): void;
  /** Ends the call after success: releases the timer and the listener, and aborts what still hangs on the signal. */
  done(): void;
}>;

export function timedOut(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}

export function canceled(): ConnectError {
  return new ConnectError("the call was canceled", Code.Canceled);
}

export function stalling(): ConnectError {
  return new ConnectError("the client does not read its stream", Code.Canceled);
}

/** Made once: an error costs its stack trace, and most calls end well. */
const OVER = new ConnectError("the call is over", Code.Canceled);

/** A controller, a timer and a listener a call: `AbortSignal.any` plus `timeout` cost several times that. */
export function openCall(parent: AbortSignal | undefined, timeoutMs: number | undefined): CallSignal {
  const controller = new AbortController();
  // A handler may begin many calls under its own signal, and many calls may share their caller's.
  setMaxListeners(0, controller.signal);
  if (parent) setMaxListeners(0, parent);
  const expiresAt = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
  const abort = (reason: ConnectError) => {
    release();
    controller.abort(reason);
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => abort(timedOut()), timeoutMs);
  const follow = () => abort(endReason(parent));
  const release = () => {
    clearTimeout(timer);
    parent?.removeEventListener("abort", follow);
  };
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    reason: () => controller.signal.reason as ConnectError,
    timeLeftMs: () => (expiresAt === undefined ? undefined : expiresAt - performance.now()),
    abort,
    done: () => abort(OVER),
  };
}

/** Why a signal ended: the deadline when its reason says so, else a cancel. */
export function endReason(signal: AbortSignal | undefined): ConnectError {
  const reason: unknown = signal?.reason;
  if (reason instanceof ConnectError && reason.code === Code.DeadlineExceeded) return reason;
  if (reason instanceof Error && reason.name === "TimeoutError") return timedOut();
  return canceled();
}

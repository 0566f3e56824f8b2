/** Headers of a call and of what comes back, and who takes calls. */

/** Which call a message belongs to. */
export const CALL_ID_HEADER = "Fr-Call-Id";
/** Milliseconds that the call may still take; without it as many as its tool may. */
export const REMAINING_HEADER = "Fr-Remaining-Ms";
/** Who calls: the signed claim that travels with every call between services. */
export const CALLER_HEADER = "Fr-Caller";
/** The how-manieth try this is, from 1. */
export const ATTEMPT_HEADER = "Fr-Attempt";
/** W3C trace context. */
export const TRACE_HEADER = "traceparent";

/** Queue group of the executors of a lane: each call goes to one of them. */
export const EXECUTORS = "tool-executor";

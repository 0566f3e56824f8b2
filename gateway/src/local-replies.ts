import { refusalMappers } from "./limits/refusals.ts";

/** Every answer of the gateway's own, in the words and the shape of the services'. */
export function localReplies(): object[] {
  return refusalMappers();
}

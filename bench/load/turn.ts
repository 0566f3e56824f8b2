import type { Agent } from "undici";
import { NOTE } from "./script.ts";

/**
 * One request as its client saw it. `kind`: a turn that completed with its whole answer; a refusal that says so, and when to come
 * back; or anything else.
 */
export type Outcome = { kind: "done" | "refused" | "other"; ms: number; endedAt: number; why: string };

/** gRPC's codes of a server that has too much to do, as HTTP tells them. */
const REFUSALS = new Map([
  [429, "resource_exhausted"],
  [503, "unavailable"],
]);

export async function askForNote(agent: Agent, http: string): Promise<Outcome> {
  const begun = performance.now();
  const outcome = (kind: Outcome["kind"], why: string): Outcome => {
    const endedAt = performance.now();
    return { kind, ms: endedAt - begun, endedAt, why };
  };
  try {
    const { statusCode, headers, body } = await agent.request({
      ...{ origin: http, path: "/chat", method: "POST" },
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: NOTE.ask }),
    });
    const text = await body.text();
    const { code, state, text: said } = JSON.parse(text) as { code?: string; state?: string; text?: string };
    if (statusCode === 200 && said === NOTE.text) return outcome("done", "");
    const refused = code !== undefined && REFUSALS.get(statusCode) === code;
    if (refused && Number(headers["retry-after"]) >= 1) return outcome("refused", code);
    return outcome("other", `${statusCode} ${code ?? state ?? ""}`);
  } catch (fault) {
    return outcome("other", fault instanceof Error ? fault.message : String(fault));
  }
}

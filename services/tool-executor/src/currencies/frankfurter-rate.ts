import { z } from "zod";
import type { HttpJson } from "../net/http-json.ts";

/** https://frankfurter.dev; the rates are of one unit of `base`, of the last working day of the European Central Bank. */
const ANSWER = z.object({
  amount: z.literal(1).optional(),
  base: z.string(),
  date: z.iso.date(),
  rates: z.record(z.string(), z.number().positive()),
});

export type RateOutcome =
  | { kind: "ok"; rate: number; date: string }
  | { kind: "none" }
  | { kind: "refused"; reason: string }
  | { kind: "unreachable"; reason: string };

/** How many of `to` one unit of `from` is; both are ISO 4217 codes. */
export async function fetchRate(
  http: HttpJson,
  baseUrl: string,
  { from, to }: { from: string; to: string },
  signal: AbortSignal,
): Promise<RateOutcome> {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/latest`;
  url.searchParams.set("base", from);
  url.searchParams.set("symbols", to);
  const reply = await http.get(url, signal);
  if (reply.kind === "unreachable") return reply;
  if (reply.kind === "refused" && reply.status === 404) return { kind: "none" };
  if (reply.kind === "refused") return { kind: "refused", reason: reply.reason || `status ${reply.status}` };
  const answer = ANSWER.safeParse(reply.body);
  const rate = answer.data?.base === from ? answer.data.rates[to] : undefined;
  if (!answer.success || rate === undefined)
    return { kind: "unreachable", reason: "answered in a way that cannot be read" };
  return { kind: "ok", rate, date: answer.data.date };
}

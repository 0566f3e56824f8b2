import { z } from "zod";
import type { HttpJson } from "../net/http-json.ts";

/** The shape that docs/api.md asks of a quote service; further fields are ignored. */
const ANSWER = z.object({
  symbol: z.string().regex(/^[\w.^=:-]{1,20}$/),
  price: z.number(),
  currency: z.string().regex(/^[A-Za-z]{3}$/),
  time: z.union([z.iso.datetime({ offset: true }), z.iso.date()]),
});

export type Quote = z.output<typeof ANSWER>;

export type QuoteOutcome =
  | { kind: "ok"; quote: Quote }
  | { kind: "none" }
  | { kind: "refused"; reason: string }
  | { kind: "unreachable"; reason: string };

/** Said by services of different habits for "your question is wrong"; other refusals are about the set-up. */
const BAD_QUESTION: readonly number[] = [400, 422];

/** The last price of a symbol. `baseUrl` has a `{symbol}` somewhere behind its host, or gets `?symbol=`. */
export async function fetchQuote(
  http: HttpJson,
  baseUrl: string,
  symbol: string,
  signal: AbortSignal,
): Promise<QuoteOutcome> {
  const reply = await http.get(quoteUrl(baseUrl, symbol), signal);
  if (reply.kind === "unreachable") return reply;
  if (reply.kind === "refused") return refusal(reply.status, reply.reason);
  const answer = ANSWER.safeParse(reply.body);
  if (!answer.success) return { kind: "unreachable", reason: "answered in a way that cannot be read" };
  return { kind: "ok", quote: answer.data };
}

function quoteUrl(baseUrl: string, symbol: string): URL {
  if (baseUrl.includes("{symbol}"))
    return new URL(baseUrl.replaceAll("{symbol}", encodeURIComponent(symbol)));
  const url = new URL(baseUrl);
  url.searchParams.set("symbol", symbol);
  return url;
}

function refusal(status: number, reason: string): QuoteOutcome {
  if (status === 404) return { kind: "none" };
  if (BAD_QUESTION.includes(status)) return { kind: "refused", reason: reason || `status ${status}` };
  return { kind: "unreachable", reason: `refused the question (${status})` };
}

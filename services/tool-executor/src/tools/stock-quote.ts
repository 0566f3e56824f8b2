import { defineTool, type Tool, ToolFailure } from "@forerun/toolkit";
import { z } from "zod";
import type { HttpJson } from "../net/http-json.ts";
import { fetchQuote } from "../quotes/fetch-quote.ts";

/** Without a `quoteUrl` the tool answers that it is not set up: quotes have no free public service to fall back on. */
export type QuoteDeps = Readonly<{ http: HttpJson; quoteUrl: string | undefined }>;

/** The last price of a share, fund or index. */
export function stockQuote({ http, quoteUrl }: QuoteDeps): Tool {
  return defineTool({
    name: "stock_quote",
    description: "Tells the latest price of a stock, fund or index by its ticker symbol.",
    effect: "read",
    input: z.strictObject({
      symbol: z
        .string()
        // Begins with no dot, so that it cannot be a step upwards in the path of an address.
        .regex(/^[A-Za-z0-9^][A-Za-z0-9.^=:-]{0,19}$/)
        .describe('Ticker symbol, for example "AAPL", "EQNR.OL" or "^GSPC".'),
    }),
    output: z.strictObject({
      symbol: z.string(),
      price: z.number(),
      currency: z.string(),
      time: z.string().describe("When the price was made, ISO 8601."),
    }),
    examples: [
      { text: "stock price of AAPL", arguments: { symbol: "AAPL" } },
      { text: "what is MSFT trading at?", arguments: { symbol: "MSFT" } },
      { text: "quote for NVDA", arguments: { symbol: "NVDA" } },
      { text: "how is TSLA stock doing today", arguments: { symbol: "TSLA" } },
      { text: "share price of EQNR.OL", arguments: { symbol: "EQNR.OL" } },
      { text: "how much is a share of AMZN", arguments: { symbol: "AMZN" } },
      { text: "get the stock quote of BRK-B", arguments: { symbol: "BRK-B" } },
    ],
    timeoutMs: 6000,
    cacheTtlMs: 60_000,
    async run(input, { signal }) {
      if (quoteUrl === undefined) {
        throw new ToolFailure(
          "not_configured",
          "No quote service is set up. Set QUOTE_URL to its address; docs/api.md says what it has to answer.",
        );
      }
      const symbol = input.symbol.toUpperCase();
      const outcome = await fetchQuote(http, quoteUrl, symbol, signal);
      switch (outcome.kind) {
        case "ok":
          return outcome.quote;
        case "none":
          throw new ToolFailure("not_found", `The quote service knows no symbol "${symbol}".`);
        case "refused":
          throw new ToolFailure(
            "invalid_arguments",
            `The quote service refused the question: ${outcome.reason}.`,
          );
        case "unreachable":
          throw new ToolFailure(
            "unreachable",
            `The quote service ${outcome.reason}; the price is not known.`,
          );
        default:
          return outcome satisfies never;
      }
    },
    render: ({ symbol, price, currency, time }) => `${symbol}: ${PRICE.format(price)} ${currency} (${time})`,
  });
}

const PRICE = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 4 });

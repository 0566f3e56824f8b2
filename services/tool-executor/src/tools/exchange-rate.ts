import { defineTool, type Tool, ToolFailure } from "@forerun/toolkit";
import { z } from "zod";
import { CurrencyNames } from "../currencies/currency-names.ts";
import { fetchRate, type RateOutcome } from "../currencies/frankfurter-rate.ts";
import type { HttpJson } from "../net/http-json.ts";

const currency = z.string().min(1).max(64);

export type ExchangeDeps = Readonly<{ http: HttpJson; frankfurterUrl: string }>;

/** What an amount of one currency is in another, by the last reference rate. */
export function exchangeRate({ http, frankfurterUrl }: ExchangeDeps): Tool {
  // Learning the names takes some milliseconds, so it waits for the first call.
  let names: CurrencyNames | undefined;
  return defineTool({
    name: "exchange_rate",
    description:
      "Tells the exchange rate between two currencies, or converts an amount of money, for example euros to dollars.",
    effect: "read",
    input: z.strictObject({
      from: currency.describe('Currency to convert from: a code or name, for example "EUR" or "dollars".'),
      to: currency.describe('Currency to convert to: a code or name, for example "NOK" or "yen".'),
      amount: z.number().min(0).max(1e15).default(1).describe("Amount of money in `from`."),
    }),
    output: z.strictObject({
      amount: z.number(),
      from: z.string().describe("ISO 4217 code."),
      result: z.number(),
      to: z.string().describe("ISO 4217 code."),
      rate: z.number(),
      date: z.string().describe("Day of the rate, YYYY-MM-DD."),
      source: z.literal("frankfurter"),
    }),
    examples: [
      { text: "100 euros in dollars", arguments: { amount: 100, from: "euros", to: "dollars" } },
      { text: "EUR to NOK", arguments: { from: "EUR", to: "NOK" } },
      { text: "convert 250 USD to GBP", arguments: { amount: 250, from: "USD", to: "GBP" } },
      { text: "what is the exchange rate from pounds to yen?", arguments: { from: "pounds", to: "yen" } },
      {
        text: "how much is 40 Swiss francs in Swedish kronor",
        arguments: { amount: 40, from: "Swiss francs", to: "Swedish kronor" },
      },
      { text: "exchange rate of CAD against AUD", arguments: { from: "CAD", to: "AUD" } },
      {
        text: "how many rupees do I get for 75 dollars",
        arguments: { amount: 75, from: "dollars", to: "rupees" },
      },
    ],
    timeoutMs: 6000,
    cacheTtlMs: 3_600_000,
    async run({ amount, ...named }, { signal }) {
      names ??= new CurrencyNames();
      const [from, to] = [codeOrFailure(names, named.from), codeOrFailure(names, named.to)];
      if (from === to)
        throw new ToolFailure("invalid_arguments", `"${named.from}" and "${named.to}" are both ${from}.`);
      const outcome = await fetchRate(http, frankfurterUrl, { from, to }, signal);
      const { rate, date } = rateOrFailure(outcome, from, to);
      // Twelve digits: what lies behind them is noise of the multiplication.
      const result = Number((amount * rate).toPrecision(12));
      return { amount, from, result, to, rate, date, source: "frankfurter" as const };
    },
    render: ({ amount, from, result, to, date }) =>
      `${MONEY.format(amount)} ${from} = ${MONEY.format(result)} ${to} (rate of ${date})`,
  });
}

function codeOrFailure(names: CurrencyNames, text: string): string {
  const outcome = names.find(text);
  if (outcome.kind === "found") return outcome.code;
  const near = outcome.near.map((name) => `"${name}"`).join(" or ");
  const hint = near ? ` Did you mean ${near}?` : ' Codes such as "EUR" and names such as "euro" are known.';
  throw new ToolFailure("not_found", `"${text}" is not one known currency.${hint}`);
}

function rateOrFailure(outcome: RateOutcome, from: string, to: string): { rate: number; date: string } {
  switch (outcome.kind) {
    case "ok":
      return outcome;
    case "none":
      throw new ToolFailure("not_found", `The exchange service has no rate from ${from} to ${to}.`);
    case "refused":
      throw new ToolFailure(
        "invalid_arguments",
        `The exchange service refused the question: ${outcome.reason}.`,
      );
    case "unreachable":
      throw new ToolFailure("unreachable", `The exchange service ${outcome.reason}; the rate is not known.`);
    default:
      return outcome satisfies never;
  }
}

/** Cents of large amounts, and six digits of small ones: 1 JPY is 0.00612345 EUR. */
const MONEY = new Intl.NumberFormat("en-US", {
  maximumFractionDigits: 2,
  maximumSignificantDigits: 6,
  roundingPriority: "morePrecision",
});

import { describe, expect, test } from "vitest";
import { type Handler, json, startHttp } from "../fixtures/open-meteo.ts";
import { startService } from "../fixtures/running-service.ts";

/** As Frankfurter answers /v1/latest?base=EUR&symbols=NOK. */
const RATES = { amount: 1.0, base: "EUR", date: "2026-01-02", rates: { NOK: 11.7 } };
const QUOTE = { symbol: "AAPL", price: 271.49, currency: "USD", time: "2026-01-02T21:00:00Z" };

/** The executor with one local server in the place of the variable's service. */
async function serviceWith(variable: "FRANKFURTER_URL" | "QUOTE_URL", path: string, handler: Handler) {
  const remote = await startHttp(handler);
  const service = await startService({ environment: { [variable]: `${remote.url}${path}` } });
  return {
    ...service,
    remote,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await remote[Symbol.asyncDispose]();
    },
  };
}

const exchangeWith = (handler: Handler) => serviceWith("FRANKFURTER_URL", "/v1", handler);

/** Ways in which any service fails, and what is said of it. */
const BROKEN: [string, Handler, string][] = [
  [
    "an error of its own",
    json({ message: "db at 10.0.0.3" }, 500),
    "answered with an error of its own (500)",
  ],
  ["garbage", (_request, response) => void response.end("<html>"), "answered something that is not JSON"],
  ["JSON of another shape", json({ rates: [], price: "much" }), "answered in a way that cannot be read"],
  ["silence", () => {}, "did not answer in time"],
];

describe("exchange_rate", () => {
  test("asks for one rate and multiplies", async () => {
    await using service = await exchangeWith(json(RATES));
    const end = await service.call("exchange_rate", { from: "euros", to: "nok", amount: 100 });
    expect(end.output).toEqual({
      amount: 100,
      from: "EUR",
      result: 1170,
      to: "NOK",
      rate: 11.7,
      date: "2026-01-02",
      source: "frankfurter",
    });
    expect(end.rendered).toBe("100 EUR = 1,170 NOK (rate of 2026-01-02)");
    expect(service.remote.urls.map(({ pathname, search }) => pathname + search)).toEqual([
      "/v1/latest?base=EUR&symbols=NOK",
    ]);
  });

  test.each([
    [undefined, 11.6985, "1 EUR = 11.6985 NOK"],
    [0, 11.6985, "0 EUR = 0 NOK"],
    [123456.78, 11.6985, "123,456.78 EUR = 1,444,259.14 NOK"],
    [1, 0.00612345, "1 EUR = 0.00612345 NOK"],
  ])("amount %s at %d is said with cents and digits enough", async (amount, rate, words) => {
    await using service = await exchangeWith(json({ ...RATES, rates: { NOK: rate } }));
    const args = { from: "EUR", to: "NOK", ...(amount === undefined ? {} : { amount }) };
    expect((await service.call("exchange_rate", args)).rendered).toBe(`${words} (rate of 2026-01-02)`);
  });

  test.each([
    [{ from: "eurp", to: "NOK" }, "not_found", '"eurp" is not one known currency. Did you mean "Euro"?'],
    [
      { from: "EUR", to: "kroner" },
      "not_found",
      '"kroner" is not one known currency. Did you mean "DKK" or "NOK"?',
    ],
    [
      { from: "EUR", to: "gold of fools" },
      "not_found",
      '"gold of fools" is not one known currency. Codes such as "EUR" and names such as "euro" are known.',
    ],
    [{ from: "EUR", to: "euros" }, "invalid_arguments", '"EUR" and "euros" are both EUR.'],
    [{ from: "EUR" }, "invalid_arguments", '"to" is missing'],
    [{ from: "EUR", to: "NOK", amount: -1 }, "invalid_arguments", '"amount" must be >= 0'],
  ])("refuses %j without asking the service", async (args, code, message) => {
    await using service = await exchangeWith(json(RATES));
    const end = await service.call("exchange_rate", args);
    expect(end.code).toBe(code);
    expect(end.message).toContain(message);
    expect(service.remote.urls).toEqual([]);
  });

  test("a pair that the service does not publish is not found", async () => {
    await using service = await exchangeWith(json({ message: "not found" }, 404));
    expect(await service.call("exchange_rate", { from: "AFN", to: "EUR" })).toMatchObject({
      code: "not_found",
      message: "The exchange service has no rate from AFN to EUR.",
    });
  });

  test("a refusal of the service reaches the model in its words", async () => {
    await using service = await exchangeWith(json({ message: "bad currency pair" }, 422));
    expect(await service.call("exchange_rate", { from: "EUR", to: "NOK" })).toMatchObject({
      code: "invalid_arguments",
      message: "The exchange service refused the question: bad currency pair.",
    });
  });

  test.each([
    ...BROKEN,
    ["another base", json({ ...RATES, base: "USD" }), "answered in a way that cannot be read"],
    ["another currency", json({ ...RATES, rates: { SEK: 11 } }), "answered in a way that cannot be read"],
    ["a rate of nothing", json({ ...RATES, rates: { NOK: 0 } }), "answered in a way that cannot be read"],
  ] satisfies typeof BROKEN)(
    "%s of the service is a failure with a reason",
    async (_case, handler, words) => {
      await using service = await exchangeWith(handler);
      expect(await service.call("exchange_rate", { from: "EUR", to: "NOK" })).toMatchObject({
        code: "unreachable",
        message: `The exchange service ${words}; the rate is not known.`,
      });
    },
  );
});

describe("stock_quote", () => {
  test("is not configured without QUOTE_URL, and names it", async () => {
    await using service = await startService();
    const end = await service.call("stock_quote", { symbol: "AAPL" });
    expect(end.code).toBe("not_configured");
    expect(end.message).toContain("Set QUOTE_URL");
  });

  test.each([
    ["", "/?symbol=AAPL"],
    ["/quote?key=k", "/quote?key=k&symbol=AAPL"],
    ["/v1/{symbol}/last?of={symbol}", "/v1/AAPL/last?of=AAPL"],
  ])("asks QUOTE_URL%s for the symbol", async (path, asked) => {
    await using service = await serviceWith("QUOTE_URL", path, json({ ...QUOTE, volume: 7 }));
    const end = await service.call("stock_quote", { symbol: "aapl" });
    expect(end.output).toEqual(QUOTE);
    expect(end.rendered).toBe("AAPL: 271.49 USD (2026-01-02T21:00:00Z)");
    expect(service.remote.urls.map(({ pathname, search }) => pathname + search)).toEqual([asked]);
  });

  test.each(["..", "../admin", "A/B", "A?b", "Apple Inc", ""])("%j is no symbol", async (symbol) => {
    await using service = await serviceWith("QUOTE_URL", "/{symbol}", json(QUOTE));
    expect(await service.call("stock_quote", { symbol })).toMatchObject({ code: "invalid_arguments" });
    expect(service.remote.urls).toEqual([]);
  });

  test.each([
    [404, "not_found", 'The quote service knows no symbol "NONE".'],
    [422, "invalid_arguments", "The quote service refused the question: not today."],
    [401, "unreachable", "The quote service refused the question (401); the price is not known."],
  ])("status %d is %s", async (status, code, message) => {
    await using service = await serviceWith("QUOTE_URL", "", json({ message: "not today" }, status));
    expect(await service.call("stock_quote", { symbol: "NONE" })).toMatchObject({ code, message });
  });

  test.each([
    ...BROKEN,
    ["a time that is none", json({ ...QUOTE, time: "noon" }), "answered in a way that cannot be read"],
  ] satisfies typeof BROKEN)(
    "%s of the service is a failure with a reason",
    async (_case, handler, words) => {
      await using service = await serviceWith("QUOTE_URL", "", handler);
      expect(await service.call("stock_quote", { symbol: "AAPL" })).toMatchObject({
        code: "unreachable",
        message: `The quote service ${words}; the price is not known.`,
      });
    },
  );
});

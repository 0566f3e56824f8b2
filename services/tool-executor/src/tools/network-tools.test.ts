import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FORECAST, type Handler, json, PLACES, startHttp } from "../fixtures/open-meteo.ts";
import { startService } from "../fixtures/running-service.ts";

/** The executor with both services behind one local server each. */
async function serviceWith(places: Handler, forecast: Handler) {
  const geocoding = await startHttp(places);
  const weather = await startHttp(forecast);
  const service = await startService({
    environment: { GEOCODING_URL: geocoding.url, OPEN_METEO_URL: weather.url },
  });
  return {
    ...service,
    geocoding,
    weather,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await Promise.all([geocoding[Symbol.asyncDispose](), weather[Symbol.asyncDispose]()]);
    },
  };
}

describe("geocode", () => {
  test("asks Open-Meteo's place search and takes the best known place", async () => {
    await using service = await serviceWith(json(PLACES), json({}));
    const end = await service.call("geocode", { place: "Oslo" });
    expect(end.output).toEqual({
      name: "Oslo",
      region: "Oslo",
      country: "Norway",
      country_code: "NO",
      latitude: 59.91273,
      longitude: 10.74609,
      time_zone: "Europe/Oslo",
      source: "open-meteo",
    });
    expect(end.rendered).toBe("Oslo, Norway: 59.91° N, 10.75° E");
    const [asked] = service.geocoding.urls;
    expect(asked?.pathname).toBe("/v1/search");
    expect(Object.fromEntries(asked?.searchParams ?? [])).toEqual({
      name: "Oslo",
      count: "10",
      language: "en",
      format: "json",
    });
  });

  test.each([
    ["Oslo, Minnesota", "US"],
    ["Oslo, USA", "US"],
    ["Oslo, Norway", "NO"],
  ])("tells places of one name apart: %s", async (place, country) => {
    await using service = await serviceWith(json(PLACES), json({}));
    expect((await service.call("geocode", { place })).output).toMatchObject({ country_code: country });
  });

  test("a place that nobody knows is not found, with the nearest known name", async () => {
    await using service = await serviceWith(json({ generationtime_ms: 0.4 }), json({}));
    expect(await service.call("geocode", { place: "Olso" })).toMatchObject({
      code: "not_found",
      message: 'No place called "Olso" was found. Did you mean "Oslo"?',
    });
    expect(await service.call("geocode", { place: "Oslo, Mars" })).toMatchObject({ code: "not_found" });
  });

  test("without the service the built-in list answers and says so; what it lacks is unreachable", async () => {
    await using service = await startService({ environment: { GEOCODING_URL: "http://127.0.0.1:9" } });
    const end = await service.call("geocode", { place: "São Paulo" });
    expect(end.output).toMatchObject({
      country: "Brazil",
      source: "built-in list",
      time_zone: "America/Sao_Paulo",
    });
    expect(await service.call("geocode", { place: "Ålesund" })).toMatchObject({
      code: "unreachable",
      message: 'The place search refuses connections, and "Ålesund" is not in the short built-in list.',
    });
  });
});

describe("get_weather", () => {
  test("finds the place, then tells the weather now and the rest of the day", async () => {
    await using service = await serviceWith(json(PLACES), json(FORECAST));
    const end = await service.call("get_weather", { place: "Oslo" });
    expect(end.output).toMatchObject({
      place: "Oslo, Norway",
      date: "2026-11-24",
      time_zone: "Europe/Oslo",
      now: { conditions: "overcast", temperature_c: 2.4, feels_like_c: -1.2, wind_kmh: 11.2 },
      day: { conditions: "light rain", high_c: 4.1, low_c: -0.6, precipitation_percent: 70 },
      source: "open-meteo",
    });
    expect(end.rendered).toBe(
      "Oslo, Norway now: 2.4 °C, overcast, wind 11.2 km/h. Today: light rain, -0.6 to 4.1 °C, 70 % chance of precipitation.",
    );
    const asked = Object.fromEntries(service.weather.urls[0]?.searchParams ?? []);
    expect(asked).toMatchObject({
      latitude: "59.91273",
      longitude: "10.74609",
      timezone: "auto",
      forecast_days: "1",
    });
  });

  test("takes coordinates without asking for a place, and a date without asking for now", async () => {
    const { current: _, current_units: __, ...dayOnly } = FORECAST;
    await using service = await serviceWith(json(PLACES), json(dayOnly));
    const end = await service.call("get_weather", { latitude: 59.9, longitude: 10.7, date: "2026-11-24" });
    expect(end.output).toMatchObject({ place: "59.9, 10.7", day: { conditions: "light rain" } });
    expect(end.rendered).toBe(
      "59.9, 10.7 on 2026-11-24: light rain, -0.6 to 4.1 °C, 70 % chance of precipitation.",
    );
    expect(service.geocoding.urls).toEqual([]);
    const asked = Object.fromEntries(service.weather.urls[0]?.searchParams ?? []);
    expect(asked).toMatchObject({ start_date: "2026-11-24", end_date: "2026-11-24" });
    expect(asked).not.toHaveProperty("current");
  });

  test.each([
    [{}, 'either "place" is missing, or "latitude" is missing and "longitude" is missing'],
    [{ latitude: 1 }, 'either "place" is missing, or "longitude" is missing'],
    [{ place: "Oslo", date: "tomorrow" }, '"date" must match format "date"'],
    [{ latitude: 91, longitude: 0 }, '"latitude" must be <= 90'],
  ])("refuses %j and says what is wrong", async (args, words) => {
    await using service = await serviceWith(json(PLACES), json(FORECAST));
    const end = await service.call("get_weather", args);
    expect(end.code).toBe("invalid_arguments");
    expect(end.message).toContain(words);
  });

  test("a refusal of the service reaches the model in its words, on one short line", async () => {
    const reason = "Parameter 'start_date' is out of allowed range from 2016-01-01 to 2026-12-10\n\u001b[31m";
    await using service = await serviceWith(json(PLACES), json({ error: true, reason }, 400));
    expect(await service.call("get_weather", { place: "Oslo", date: "2030-01-01" })).toMatchObject({
      code: "invalid_arguments",
      message:
        "The weather service refused the question: Parameter 'start_date' is out of allowed range from 2016-01-01 to 2026-12-10 [31m.",
    });
  });

  test("missing values are unknown, not zero", async () => {
    const daily = { time: ["2026-11-24"], weather_code: [null], temperature_2m_max: [null] };
    await using service = await serviceWith(json(PLACES), json({ ...FORECAST, current: undefined, daily }));
    const { output } = await service.call("get_weather", { latitude: 1, longitude: 1, date: "2026-11-24" });
    expect(output).toMatchObject({ day: { conditions: "unknown", high_c: null, precipitation_mm: null } });
  });
});

describe("a service that fails is a failure with a reason, in bounded time and memory", () => {
  const cases: [string, Handler, string][] = [
    [
      "an error of its own",
      json({ error: true, reason: "internal: db at 10.0.0.3" }, 500),
      "answered with an error of its own (500)",
    ],
    [
      "too many requests",
      json({ error: true, reason: "Minutely API request limit exceeded." }, 429),
      "asks to slow down (429)",
    ],
    [
      "HTML",
      (_request, response) => void response.end("<html>Sign in to the hotel's network</html>"),
      "answered something that is not JSON",
    ],
    ["JSON of another shape", json({ hello: ["world"] }), "answered in a way that cannot be read"],
    [
      "wrong types",
      json({ ...FORECAST, daily: { ...FORECAST.daily, time: 7 } }),
      "answered in a way that cannot be read",
    ],
    [
      "half an answer, then silence",
      (_request, response) => void response.writeHead(200).write('{"latitude":'),
      "stopped in the middle of its answer",
    ],
    ["silence", () => {}, "did not answer in time"],
    ["a broken connection", (request) => void request.socket.destroy(), "broke the connection off"],
    ["an answer without an end", endless, "sent far more than it should"],
    [
      "a redirect to another host",
      (_request, response) => void response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
      "sends elsewhere (302), which is not followed",
    ],
  ];
  let service: Awaited<ReturnType<typeof serviceWith>>;
  let answer: Handler = json(FORECAST);
  beforeAll(async () => {
    service = await serviceWith(json(PLACES), (request, response) => answer(request, response));
  });
  afterAll(() => service[Symbol.asyncDispose]());

  test.each(cases)("%s", async (_case, handler, words) => {
    answer = handler;
    const start = performance.now();
    const end = await service.call("get_weather", { place: "Oslo" });
    expect(end).toMatchObject({
      code: "unreachable",
      message: `The weather service ${words}; the weather is not known.`,
    });
    expect(performance.now() - start).toBeLessThan(7000);
    answer = json(FORECAST);
    expect(await service.call("get_weather", { place: "Oslo" })).toMatchObject({ code: "" });
  });

  test("an answer without an end costs no memory and its connection is closed", async () => {
    const closed = new Promise((resolve) => {
      answer = (request, response) => {
        request.socket.on("close", resolve);
        endless(request, response);
      };
    });
    const before = process.memoryUsage().rss;
    expect(await service.call("get_weather", { place: "Oslo" })).toMatchObject({ code: "unreachable" });
    await closed;
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * 1024 * 1024);
  });

  test("a call's own timeout ends the request, too", async () => {
    const hangs = await startHttp(() => {});
    await using quick = await startService({
      environment: { OPEN_METEO_URL: hangs.url },
      file: "tools: {get_weather: {timeout: 200ms}}",
    });
    const end = await quick.call("get_weather", { latitude: 1, longitude: 1 });
    expect(end).toMatchObject({
      code: "timeout",
      message: "get_weather did not answer within 200 ms, so it was stopped.",
    });
    await hangs[Symbol.asyncDispose]();
  });
});

/** Sends as fast as it is read, for ever. */
function endless(_request: Parameters<Handler>[0], response: Parameters<Handler>[1]): void {
  const chunk = " ".repeat(65_536);
  const send = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", send);
  send();
}

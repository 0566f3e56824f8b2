/** What a short run measures, and what the environment asks of a long one. */
export const SETTINGS = {
  /** Streams side by side. */
  streams: number("LOAD_STREAMS", 1_000),
  /** Seconds of each overload. */
  seconds: number("LOAD_SECONDS", 20),
  parts: words("LOAD_PARTS", ["streams", "overload", "fan-out"]),
  stores: words("LOAD_STORES", ["PGlite", "Postgres"]),
};

function number(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0`);
  return value;
}

function words(name: string, known: readonly string[]): readonly string[] {
  const asked = process.env[name]?.split(",") ?? known;
  const unknown = asked.find((word) => !known.includes(word));
  if (unknown !== undefined) throw new Error(`${name} has ${unknown}; there are ${known.join(", ")}`);
  return asked;
}

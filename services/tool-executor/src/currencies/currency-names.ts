import { nearest } from "@forerun/runtime/nearest";

export type CurrencyOutcome =
  | { kind: "found"; code: string }
  /** No such currency, or a word that several share; `near` are names that were perhaps meant, best first. */
  | { kind: "none"; near: readonly string[] };

/** What a bare word or sign means when several currencies share it and one of them is far more traded. */
const USUAL: ReadonlyMap<string, string> = new Map([
  ["$", "USD"],
  ["dollar", "USD"],
  ["buck", "USD"],
  ["pound", "GBP"],
  ["sterling", "GBP"],
  ["quid", "GBP"],
  ["pound sterling", "GBP"],
  ["¥", "JPY"],
  ["rmb", "CNY"],
  ["renminbi", "CNY"],
  ["franc", "CHF"],
  ["rupee", "INR"],
  ["won", "KRW"],
]);

const MAX_NEAR = 5;

/** Currencies by ISO 4217 code, sign or English name, as the runtime's own locale data (CLDR) knows them. */
export class CurrencyNames {
  readonly #codes: ReadonlySet<string>;
  /** Every way to say a currency, in lower case, to the codes that share it. */
  readonly #said = new Map<string, Set<string>>();
  readonly #names: readonly string[];

  constructor() {
    const codes = Intl.supportedValuesOf("currency");
    const display = new Intl.DisplayNames("en", { type: "currency" });
    this.#codes = new Set(codes);
    this.#names = codes.map((code) => display.of(code) ?? code);
    for (const [index, code] of codes.entries()) this.#learn(code, this.#names[index] ?? code);
  }

  find(text: string): CurrencyOutcome {
    const code = text.trim().toUpperCase();
    if (this.#codes.has(code)) return { kind: "found", code };
    const words = text.toLowerCase().replace(/\s+/g, " ").trim();
    const usual = USUAL.get(words) ?? USUAL.get(words.replace(/s$/, ""));
    if (usual) return { kind: "found", code: usual };
    const [first, ...others] = this.#said.get(words) ?? [];
    if (first !== undefined && others.length === 0) return { kind: "found", code: first };
    if (first !== undefined) return { kind: "none", near: [first, ...others].slice(0, MAX_NEAR) };
    const meant = nearest(words, [...this.#names, ...this.#said.keys()]);
    return { kind: "none", near: meant === undefined ? [] : [meant] };
  }

  /** "Norwegian Krone" is also said "Norwegian kroner", "krone" and "kroner". */
  #learn(code: string, name: string): void {
    const [one, many, sign] = [
      spelled(code, "name", 1),
      spelled(code, "name", 2),
      spelled(code, "symbol", 1),
    ];
    for (const way of [name, one, many, sign, lastWord(one), lastWord(many)]) {
      const key = way.toLowerCase();
      this.#said.set(key, (this.#said.get(key) ?? new Set()).add(code));
    }
  }
}

function spelled(code: string, currencyDisplay: "name" | "symbol", value: number): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency: code, currencyDisplay });
  return format.formatToParts(value).find(({ type }) => type === "currency")?.value ?? code;
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(" ") + 1);
}

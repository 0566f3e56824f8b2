import { describe, expect, it } from "vitest";
import { buildLexicon } from "../lexicon/lexicon.ts";
import { stem } from "../text/stem.ts";
import { identifierWords, tokenize } from "../text/tokens.ts";
import { findCodes } from "./codes.ts";
import { findEnumerations, withoutCounts } from "./enumerations.ts";
import { findKnown } from "./known.ts";
import { findNames } from "./names.ts";
import { findQuotes } from "./quotes.ts";
import { findRemainders } from "./remainder.ts";

const lexicon = buildLexicon();

describe("stems", () => {
  it.each([
    ["cities", "city"],
    ["converting", "convert"],
    ["boxes", "box"],
    ["planned", "plan"],
    ["class", "class"],
  ])("%s → %s", (word, expected) => {
    expect(stem(word)).toBe(expected);
  });

  it("meet for the forms of one word", () => {
    expect(new Set(["rate", "rates", "rated"].map(stem)).size).toBe(1);
  });
});

describe("words of an identifier", () => {
  it.each([
    ["getCurrentWeather", ["get", "current", "weather"]],
    ["user_ID", ["user", "id"]],
    ["HTTPServer.port2", ["http", "server", "port", "2"]],
    ["", []],
  ])("%s → %j", (identifier, expected) => {
    expect(identifierWords(identifier)).toEqual(expected);
  });
});

describe("quotes", () => {
  it.each([
    ["the game 'Ticket to Ride' please", ["Ticket to Ride"]],
    ['say "see you" twice', ["see you"]],
    ["it's John's book", []],
    ["'It's fresh' they said", ["It's fresh"]],
    ["“curly” and ‘single’", ["curly", "single"]],
    ["an unclosed 'quote", []],
    ["''", []],
  ])("%s → %j", (text, expected) => {
    expect(findQuotes(text).map((span) => span.text)).toEqual(expected);
  });
});

describe("code-like words", () => {
  it.each([
    ["quote for ^DJI", [["^DJI", "identifier"]]],
    ["2^DJI", []],
    [
      "shares of EQNR.OL and BRK-B",
      [
        ["EQNR.OL", "identifier"],
        ["BRK-B", "identifier"],
      ],
    ],
    ["case CA123456 in court", [["CA123456", "identifier"]]],
    ["mail ana@example.org.", [["ana@example.org", "email"]]],
    ["see https://example.com/a?b=c.", [["https://example.com/a?b=c", "url"]]],
    ["star owner/some-name now", [["owner/some-name", "path"]]],
    ["open notes.txt", [["notes.txt", "path"]]],
    ["call 555-123-4567", [["555-123-4567", "phone"]]],
    ["ping 192.168.11.33", [["192.168.11.33", "ip"]]],
    ["the snake_case one", [["snake_case", "identifier"]]],
    ["plain words only", []],
  ])("%s → %j", (text, expected) => {
    expect(findCodes(text).map((span) => [span.text, span.code])).toEqual(expected);
  });
});

describe("names", () => {
  const namesOf = (text: string) => findNames(text, tokenize(text)).map((span) => span.text);
  it.each([
    ["fly to New York City", "New York City"],
    ["stay in Paris, France please", "Paris, France"],
    ["visit the Bank of America", "Bank of America"],
    ["songs by Maroon 5 today", "Maroon 5"],
    ["from 2020 Addison Street, Berkeley, CA", "2020 Addison Street, Berkeley, CA"],
    ["shares of Apple Inc. now", "Apple Inc."],
    ["Google and Apple", "Google"],
  ])("%s holds %s", (text, name) => {
    expect(namesOf(text)).toContain(name);
  });

  it("take no function word at the beginning of a sentence", () => {
    expect(namesOf("What is that? Find me some tea.")).toEqual([]);
  });
});

describe("known places, zones, currencies and languages", () => {
  const knownOf = (text: string, kind: string) =>
    findKnown(text, tokenize(text), lexicon).flatMap((span) => (span.known === kind ? [span.value] : []));
  it.each([
    ["time in Oslo", "zone", ["Europe/Oslo"]],
    ["time in new york", "zone", ["America/New_York"]],
    ["time in San Francisco", "zone", ["America/Los_Angeles"]],
    ["time in India", "zone", ["Asia/Kolkata"]],
    ["in Europe/Berlin", "zone", ["Europe/Berlin"]],
    ["500 US dollars", "currency", ["USD"]],
    ["British Pounds to Japanese Yen", "currency", ["GBP", "JPY"]],
    ["GBP to JPY", "currency", ["GBP", "JPY"]],
    ["say it in French", "language", ["fr"]],
    ["in California", "state", ["CA"]],
    ["in the UK", "country", ["UK"]],
  ])("%s: %s %j", (text, kind, expected) => {
    expect(knownOf(text, kind)).toEqual(expected);
  });
});

describe("enumerations", () => {
  const listsOf = (text: string) => findEnumerations(text, tokenize(text));
  it.each([
    ["with flour, eggs and milk", ["flour", "eggs", "milk"]],
    ["a progression of C, F and G for 4 measures", ["C", "F", "G"]],
    ["8♥, 10♥ and J♥", ["8♥", "10♥", "J♥"]],
  ])("%s → %j", (text, expected) => {
    expect(listsOf(text)[0]?.items.map((item) => item.text)).toEqual(expected);
  });

  it("lose their counts where things are wanted", () => {
    const [list] = listsOf("two burgers and one cola");
    expect(list && withoutCounts(list)?.items.map((item) => item.text)).toEqual(["burgers", "cola"]);
  });
});

describe("what is left of a request", () => {
  it.each([
    ["search the docs for how to rotate keys", "object", "how to rotate keys"],
    ["what do our documents say about refunds?", "object", "refunds"],
    ["remind me to buy milk", "object", "buy milk"],
    ["please look up error codes in the manual", "object", "error codes in the manual"],
    ["convert it to audio: I am here", "colon", "I am here"],
    ["run the command ls -la /var/log", "command", "ls -la /var/log"],
    ["tell me more about black holes.", "about", "black holes"],
  ])("%s (%s) → %s", (text, kind, expected) => {
    expect(findRemainders(text).find((span) => span.remainder === kind)?.text).toBe(expected);
  });
});

import { describe, expect, it } from "vitest";
import { buildLexicon } from "../lexicon/lexicon.ts";
import { withPlaceOf } from "./there.ts";

const lexicon = buildLexicon();

describe("a place that was named before", () => {
  it.each<[string, string[], string]>([
    ["what time is it there?", ["where is Kigali?"], "what time is it in Kigali?"],
    ["will it rain there tomorrow?", ["I fly from Oslo to Lisbon"], "will it rain in Lisbon tomorrow?"],
    ["what are its coordinates?", ["the weather in Tromsø"], "what are Tromsø's coordinates?"],
    ["weather there right now", ["Lima", "and Quito in Ecuador"], "weather in Ecuador right now"],
    ["what is the time there in Oslo", ["weather in Rome"], "what is the time there in Oslo"],
    ["is there any rain?", ["weather in Rome"], "is there any rain?"],
    ["there is no rain", ["weather in Rome"], "there is no rain"],
    ["what time is it there?", ["tell me a joke"], "what time is it there?"],
    ["what time is it there?", [], "what time is it there?"],
  ])("%s after %j", (text, earlier, expected) => {
    expect(withPlaceOf(text, earlier, lexicon)).toBe(expected);
  });
});

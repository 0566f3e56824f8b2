import { describe, expect, it } from "vitest";
import { openRecord } from "../call-record.ts";
import { call } from "../fixtures/driven-turn.ts";
import type { JsonValue } from "../json.ts";
import { bindArguments } from "./bind-arguments.ts";

function sources(output: JsonValue, truncated = false) {
  return new Map([["c1", { ...openRecord(call("c1"), 0), output, truncated }]]);
}

const PLACES = { places: [{ name: "Oslo", latitude: 59.9 }], none: null, $odd: 1 };

describe("arguments that use other calls' results", () => {
  it.each<[JsonValue, JsonValue]>([
    ["$c1", PLACES],
    ["$c1.places[0].latitude", 59.9],
    ["$c1.places[0]", { name: "Oslo", latitude: 59.9 }],
    ["$c1.none", null],
    [
      ["$c1.places[0].name", { deep: "$c1.places[0].name" }],
      ["Oslo", { deep: "Oslo" }],
    ],
    ["$$c1.places", "$c1.places"],
    ["$$5", "$5"],
    ["$5", "$5"],
    ["at $c1.places", "at $c1.places"],
    [7, 7],
    [null, null],
  ])("%j is bound as %j", (value, expected) => {
    expect(bindArguments({ value }, sources(PLACES))).toEqual({
      kind: "bound",
      arguments: { value: expected },
    });
  });

  it.each<[string, string]>([
    ["$c1.latitude", '$c1.latitude: the result of c1 has no "latitude", it has places, none, $odd'],
    ["$c1.places[3].name", "$c1.places[3].name: the result of c1.places has no item 3, it is a list of 1"],
    ["$c1.places.name", '$c1.places.name: the result of c1.places has no "name", it is a list of 1'],
    ["$c1.none.more", '$c1.none.more: the result of c1.none has no "more"'],
    ["$c1.constructor", '$c1.constructor: the result of c1 has no "constructor", it has places, none, $odd'],
    [
      "$c1.places[0].__proto__",
      '$c1.places[0].__proto__: the result of c1.places[0] has no "__proto__", it has name, latitude',
    ],
    ["$c2.x", '$c2.x: the result of c2 has no "x"'],
  ])("%s is missing, in words", (value, message) => {
    expect(bindArguments({ value }, sources(PLACES))).toEqual({ kind: "missing", message });
  });

  it("says when a result had been cut to the size limit", () => {
    const binding = bindArguments({ value: "$c1.x" }, sources("cut te", true));
    expect(binding).toEqual({
      kind: "missing",
      message: '$c1.x: the result of c1 has no "x"; it was cut to the size limit',
    });
  });

  it("keeps an argument named __proto__ for what it is", () => {
    const args = JSON.parse('{"__proto__": "$c1.none"}');
    expect(JSON.stringify(bindArguments(args, sources(PLACES)))).toBe(
      '{"kind":"bound","arguments":{"__proto__":null}}',
    );
  });
});

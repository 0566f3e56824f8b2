import { describe, expect, it } from "vitest";
import { CitationScanner } from "./citation-scanner.ts";

const scan = (pieces: readonly string[], sources = 3) => {
  const scanner = new CitationScanner(sources);
  return pieces.flatMap((piece) => scanner.push(piece));
};

describe("marks of sources", () => {
  it.each<[string, number[]]>([
    ["It is so [2], and so [1].", [2, 1]],
    ["Both [1, 3] and [1;2].", [1, 3, 2]],
    ["Again [1][1] [2].", [1, 2]],
    ["Neither [0] nor [4] nor [a] nor [1.", []],
    ["A list: a[3] = 1", [3]],
  ])("%s", (text, numbers) => {
    expect(scan([text])).toEqual(numbers);
  });

  it("are found once however the text is split", () => {
    const text = "It is so [2], and so [1, 3].";
    for (let cut = 0; cut <= text.length; cut += 1) {
      expect(scan([text.slice(0, cut), text.slice(cut)])).toEqual([2, 1, 3]);
    }
    expect(scan([...text])).toEqual([2, 1, 3]);
  });
});

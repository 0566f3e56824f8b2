import { expect, it } from "vitest";
import { NO_BLOCKS, splitBlocks } from "./blocks.ts";

const TEXT =
  "# Title\n\nA paragraph\nof two lines.\n\n- one\n- two\n\n```ts\nconst a = 1;\n\nconst b = 2;\n```\n\n| a |\n|---|\n| 1 |\n\nEnd.";

it("keeps finished blocks as they are while the text grows letter by letter", () => {
  let blocks = NO_BLOCKS;
  for (let length = 1; length <= TEXT.length; length++) {
    const next = splitBlocks(TEXT.slice(0, length), blocks);
    expect(next.closed.slice(0, blocks.closed.length)).toEqual(blocks.closed);
    expect(next.closed.join("") + next.open).toBe(TEXT.slice(0, length));
    blocks = next;
  }
  expect(blocks.closed.filter((block) => block.trim())).toHaveLength(5);
  expect(blocks.open).toBe("End.");
});

it("begins anew when the text is another one", () => {
  const blocks = splitBlocks("one\n\ntwo", NO_BLOCKS);
  expect(splitBlocks("three", blocks)).toEqual({ closed: [], open: "three" });
});

import { expect, it } from "vitest";
import { countingEmbedder } from "./fixtures.ts";
import { rememberTexts } from "./remember-texts.ts";

const never = new AbortController().signal;

it("asks for each text once, also of two in one call, and gives vectors in the order of the texts", async () => {
  const { embedder, asked } = countingEmbedder();
  const remembering = rememberTexts(embedder, 10);
  const [b, a] = await remembering.embed(["bb", "a"], never);
  expect(await remembering.embed(["a", "bb", "ccc", "a"], never)).toEqual([a, b, expect.anything(), a]);
  expect(asked).toEqual([["bb", "a"], ["ccc"]]);
  expect(remembering.id).toBe(embedder.id);
});

it("gives up the text that was unused longest", async () => {
  const { embedder, asked } = countingEmbedder();
  const remembering = rememberTexts(embedder, 2);
  for (const text of ["a", "bb", "a", "ccc", "a", "bb"]) await remembering.embed([text], never);
  expect(asked.flat()).toEqual(["a", "bb", "ccc", "bb"]);
});

it("keeps nothing of a call that failed", async () => {
  const { embedder, asked } = countingEmbedder();
  let fails = true;
  const remembering = rememberTexts(
    {
      ...embedder,
      embed: (texts, signal) => (fails ? Promise.reject(new Error("down")) : embedder.embed(texts, signal)),
    },
    2,
  );
  await expect(remembering.embed(["a"], never)).rejects.toThrow("down");
  fails = false;
  await remembering.embed(["a"], never);
  expect(asked).toEqual([["a"]]);
});

import type { Embedder } from "./embedder.ts";

/** An embedder that notes what it is asked; a text's vector depends on the text's length alone. */
export function countingEmbedder(): { embedder: Embedder; asked: (readonly string[])[] } {
  const asked: (readonly string[])[] = [];
  const embedder: Embedder = {
    id: "counting",
    dimension: 2,
    async embed(texts) {
      asked.push([...texts]);
      return texts.map(({ length }) => Float32Array.of(Math.cos(length), Math.sin(length)));
    },
  };
  return { embedder, asked };
}

import { openCache } from "@forerun/cache/open-cache";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { metrics } from "@opentelemetry/api";
import { afterEach, expect, it } from "vitest";
import { countingEmbedder } from "./fixtures.ts";
import { keepEmbeddings } from "./kept-embeddings.ts";

const OTHER_TENANT: Caller = { ...LOCAL_CALLER, tenant: "other" };
const never = new AbortController().signal;
const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

function newCache() {
  const cache = openCache({ meter: metrics.getMeter("test") });
  opened.push(cache);
  return cache;
}

it("asks for each text once, also of two in one call, and gives vectors in the order of the texts", async () => {
  const { embedder, asked } = countingEmbedder();
  const kept = keepEmbeddings(embedder, newCache())(LOCAL_CALLER);
  const [b, a] = await kept.embed(["bb", "a"], never);
  expect(await kept.embed(["a", "bb", "ccc", "a"], never)).toEqual([a, b, expect.anything(), a]);
  expect(asked).toEqual([["bb", "a"], ["ccc"]]);
  expect(kept.id).toBe(embedder.id);
});

it("keeps a vector to the last bit", async () => {
  const vector = Float32Array.from({ length: 384 }, (_, at) => Math.sin(at) / 7);
  const embedder = { id: "one", dimension: 384, embed: async () => [vector] };
  const kept = keepEmbeddings(embedder, newCache())(LOCAL_CALLER);
  await kept.embed(["text"], never);
  expect(await kept.embed(["text"], never)).toEqual([vector]);
});

it("keeps for each tenant and embedder its own", async () => {
  const { embedder, asked } = countingEmbedder();
  const cache = newCache();
  await keepEmbeddings(embedder, cache)(LOCAL_CALLER).embed(["a"], never);
  await keepEmbeddings(embedder, cache)(OTHER_TENANT).embed(["a"], never);
  await keepEmbeddings({ ...embedder, id: "another" }, cache)(LOCAL_CALLER).embed(["a"], never);
  expect(asked).toEqual([["a"], ["a"], ["a"]]);
});

it("keeps nothing of a call that failed, and asks for nothing once its caller is gone", async () => {
  const { embedder, asked } = countingEmbedder();
  let fails = true;
  const failing = {
    ...embedder,
    embed: (texts: readonly string[], signal: AbortSignal) =>
      fails ? Promise.reject(new Error("down")) : embedder.embed(texts, signal),
  };
  const kept = keepEmbeddings(failing, newCache())(LOCAL_CALLER);
  await expect(kept.embed(["a"], never)).rejects.toThrow("down");
  fails = false;
  await expect(kept.embed(["a"], AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  await kept.embed(["a"], never);
  expect(asked).toEqual([["a"]]);
});

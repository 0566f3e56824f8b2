import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { cosine } from "./cosine.ts";
import { createRemoteEmbedder } from "./remote-embedder.ts";

const never = new AbortController().signal;
const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** An embedder of an endpoint that answers with a status, or with vectors that tell each text's length. */
async function connect(status = 200) {
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    const { input } = (await json(request)) as { input: string[] };
    const data = input.map((text, index) => ({ index, embedding: [text.length, 2, 0] }));
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ data }));
  };
  const server = createServer((request, response) => void reply(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://user:secret@127.0.0.1:${port}/v1`;
  const embedder = createRemoteEmbedder({ url, model: "mini", key: undefined, timeoutMs: 30_000 });
  opened.push(embedder);
  return { embedder, port };
}

it("gives vectors of length 1 in the order of the texts, and then knows how many numbers they have", async () => {
  const { embedder } = await connect();
  expect(embedder.dimension).toBeUndefined();
  const [one, two] = await embedder.embed(["a", "four"], never);
  expect(one?.[1]).toBeGreaterThan(two?.[1] ?? 1);
  expect(cosine(one, one)).toBeCloseTo(1, 5);
  expect(embedder.dimension).toBe(3);
  expect(await embedder.embed([], never)).toEqual([]);
});

it("is named after its model and place, without what the address holds of secrets", async () => {
  const { embedder, port } = await connect();
  expect(embedder.id).toBe(`remote/mini@127.0.0.1:${port}/v1`);
});

it("throws what the endpoint's failure means, and the reason of a caller who is gone", async () => {
  const { embedder } = await connect(500);
  await expect(embedder.embed(["a"], never)).rejects.toMatchObject({ code: "FR-E1504" });
  await expect(embedder.embed(["a"], AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
});

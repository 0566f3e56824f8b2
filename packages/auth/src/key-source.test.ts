import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger as log } from "@forerun/runtime/logger";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { signingKey } from "./fixtures/issuer.ts";
import { openKeySource } from "./key-source.ts";

const first = JSON.stringify({ keys: [(await signingKey("ES256", "first")).jwk] });
const second = JSON.stringify({ keys: [(await signingKey("ES256", "second")).jwk] });

describe("keys in a file", () => {
  let folder: string;
  let place: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "forerun-keys-"));
    place = join(folder, "jwks.json");
    await writeFile(place, first);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("are read anew once the file has changed, and stay while it is broken", async () => {
    let now = 0;
    const keys = await openKeySource({ place, log, now: () => now });
    await writeFile(place, `${second}\n`);
    now += 1_000;
    expect(await keys.refreshed()).toMatchObject([{ kid: "second" }]);
    await writeFile(place, "half of it");
    now += 1_000;
    expect(await keys.refreshed()).toMatchObject([{ kid: "second" }]);
  });

  it("end the start where there are none", async () => {
    await expect(openKeySource({ place: join(folder, "none"), log })).rejects.toMatchObject({
      code: "FR-E1006",
    });
  });
});

describe("keys at an address", () => {
  let answer: RequestListener;
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  let place: string;
  beforeEach(async () => {
    asked = 0;
    answer = (_, response) => response.end(first);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    place = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it("are looked for anew at most every 30 s, whatever tokens name", async () => {
    let now = 0;
    const keys = await openKeySource({ place, log, now: () => now });
    answer = (_, response) => response.end(second);
    for (let tries = 0; tries < 50; tries++) await keys.refreshed();
    expect(asked).toBe(1);
    now += 30_000;
    const looks = await Promise.all(Array.from({ length: 50 }, () => keys.refreshed()));
    expect(asked).toBe(2);
    expect(looks.at(-1)).toMatchObject([{ kid: "second" }]);
  });

  it.each<[string, RequestListener]>([
    ["is away", (request) => request.destroy()],
    ["fails", (_, response) => response.writeHead(500).end(second)],
    ["sends elsewhere", (_, response) => response.writeHead(302, { location: "/other" }).end()],
    ["shows a secret", (_, response) => response.end('{"keys":[{"kty":"oct","k":"AAAA"}]}')],
    ["floods", (_, response) => response.end(" ".repeat(300_000))],
  ])("stay in use while it %s", async (_, bad) => {
    let now = 0;
    const keys = await openKeySource({ place, log, now: () => now });
    answer = bad;
    now += 30_000;
    expect(await keys.refreshed()).toMatchObject([{ kid: "first" }]);
    expect(asked).toBe(2);
  });

  it("are found once it answers, where it did not at the start", async () => {
    let now = 0;
    answer = (request) => request.destroy();
    const keys = await openKeySource({ place, log, now: () => now });
    expect(keys.current()).toEqual([]);
    answer = (_, response) => response.end(first);
    now += 30_000;
    expect(await keys.refreshed()).toMatchObject([{ kid: "first" }]);
  });
});

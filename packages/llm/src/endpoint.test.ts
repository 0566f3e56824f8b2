import { ForerunError } from "@forerun/runtime/forerun-error";
import { expect, it } from "vitest";
import { Endpoint } from "./endpoint.ts";
import type { ModelFailure } from "./model-call.ts";

const DOWN: ModelFailure = {
  kind: "failed",
  error: new ForerunError("FR-E1504", "unavailable", "down", "wait"),
};
const UP = { kind: "completed" } as const;

async function openBreaker(endpoint: Endpoint<string>): Promise<void> {
  for (let failure = 0; failure < 5; failure += 1) await endpoint.attempt(async () => DOWN);
}

it("rests after five failures in a row, until one call that works tries it", async () => {
  const endpoint = new Endpoint("m", { restMs: 20 });
  await openBreaker(endpoint);
  expect(await endpoint.attempt(async () => UP)).toBeUndefined();
  await expect.poll(() => endpoint.attempt(async () => UP)).toBe(UP);
  expect(await endpoint.attempt(async () => UP)).toBe(UP);
});

it("lets one call alone try it, and rests again when that fails", async () => {
  const endpoint = new Endpoint("m", { restMs: 1 });
  await openBreaker(endpoint);
  let fail = (_: ModelFailure) => {};
  const probe = new Promise<ModelFailure>((resolve) => {
    fail = resolve;
  });
  let probing: Promise<unknown> | undefined;
  await expect
    .poll(() => {
      let asked = false;
      const attempt = endpoint.attempt(() => {
        asked = true;
        return probe;
      });
      if (asked) probing = attempt;
      return asked;
    })
    .toBe(true);
  expect(await endpoint.attempt(async () => UP)).toBeUndefined();
  fail(DOWN);
  expect(await probing).toBe(DOWN);
});

it("counts failures in a row alone, and no refusals", async () => {
  const endpoint = new Endpoint("m");
  const refused: ModelFailure = {
    kind: "failed",
    error: new ForerunError("FR-E1503", "resource_exhausted", "limit", "wait"),
  };
  for (let round = 0; round < 4; round += 1) {
    for (let failure = 0; failure < 4; failure += 1) await endpoint.attempt(async () => DOWN);
    await endpoint.attempt(async () => refused);
  }
  expect(await endpoint.attempt(async () => UP)).toBe(UP);
});

it("hands on what a caller's leaving throws and stays in use", async () => {
  const endpoint = new Endpoint("m");
  const gone = new Error("gone");
  for (let call = 0; call < 9; call += 1) {
    await expect(endpoint.attempt(() => Promise.reject(gone))).rejects.toBe(gone);
  }
  expect(await endpoint.attempt(async () => UP)).toBe(UP);
});

import { expect, it } from "vitest";
import { TextGuard } from "./text-guard.ts";

function pass(...deltas: string[]): string[] {
  const guard = new TextGuard();
  return [...deltas.map((delta) => guard.push(delta)), guard.end()];
}

it("joins a character that was split between two deltas", () => {
  expect(pass("a\ud83d", "\ude42b")).toEqual(["a", "🙂b", ""]);
});

it("replaces halves that never meet and drops NUL", () => {
  expect(pass("a\ude42b", "c\0d", "\ud83d")).toEqual(["a\ufffdb", "cd", "", "\ufffd"]);
});

import { expect, it } from "vitest";
import { RetryBudget } from "./retry-budget.ts";

function budgetAt() {
  const clock = { ms: 0 };
  return { clock, budget: new RetryBudget({ share: 0.2, windowMs: 1_000, now: () => clock.ms }) };
}

/** How many of so many calls were repeated, each wanting to be. */
function call(budget: RetryBudget, times: number): number {
  let repeated = 0;
  for (let at = 0; at < times; at += 1) {
    budget.count();
    if (budget.take()) repeated += 1;
  }
  return repeated;
}

it("lets ten calls be repeated however few there are", () => {
  const { budget } = budgetAt();
  expect(call(budget, 20)).toBe(10);
});

it("lets a fifth of many calls be repeated and no more", () => {
  const { budget } = budgetAt();
  expect(call(budget, 500)).toBe(100);
});

it("begins anew once the window has passed", () => {
  const { budget, clock } = budgetAt();
  call(budget, 20);
  clock.ms = 600;
  expect(budget.take()).toBe(false);
  clock.ms = 1_100;
  expect(budget.take()).toBe(true);
  clock.ms = 5_000;
  expect(call(budget, 20)).toBe(10);
});

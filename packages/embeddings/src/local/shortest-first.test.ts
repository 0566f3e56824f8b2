import { expect, it } from "vitest";
import { shortestFirst } from "./shortest-first.ts";

const job = (texts: number, done: number) => ({
  texts: Array.from({ length: texts }, (_, at) => `text ${at}`),
  vectors: Array.from({ length: done }, () => new Float32Array(1)),
});

it("takes the job with the fewest texts to go, the first of equals", () => {
  const [catalogue, question, other] = [job(1000, 400), job(1, 0), job(1, 0)];
  expect(shortestFirst([catalogue, question, other])).toBe(question);
  expect(shortestFirst([catalogue])).toBe(catalogue);
  expect(shortestFirst([])).toBeUndefined();
});

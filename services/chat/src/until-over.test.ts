import { expect, it } from "vitest";
import { untilOver } from "./until-over.ts";

type Ended = { how: "whole" | "left" | undefined };

async function* call(steps: readonly string[], ended: Ended, fault?: Error): AsyncGenerator<string> {
  ended.how = "left";
  for (const step of steps) yield step;
  if (fault) throw fault;
  ended.how = "whole";
}

async function readToLast(steps: AsyncIterable<string>): Promise<string[]> {
  const read: string[] = [];
  for await (const step of steps) {
    read.push(step);
    if (step.startsWith("last")) break;
  }
  return read;
}

const isLast = (step: string) => step.startsWith("last");

it("lets a call end by itself although its reader leaves with the last step", async () => {
  const ended: Ended = { how: undefined };
  expect(await readToLast(untilOver(call(["a", "b", "last"], ended), isLast))).toEqual(["a", "b", "last"]);
  expect(ended.how).toBe("whole");
});

it("leaves a call whose reader leaves before", async () => {
  const ended: Ended = { how: undefined };
  for await (const step of untilOver(call(["a", "last"], ended), isLast)) {
    expect(step).toBe("a");
    break;
  }
  expect(ended.how).toBe("left");
});

it("keeps what a call gave before it broke off, and throws where it gave nothing", async () => {
  const fault = new Error("broke off");
  const of = (steps: string[]) => readToLast(untilOver(call(steps, { how: undefined }, fault), isLast));
  expect(await of(["a", "last", "last of another"])).toEqual(["a", "last"]);
  await expect(of(["a"])).rejects.toBe(fault);
});

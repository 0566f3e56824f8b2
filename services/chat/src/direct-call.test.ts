import { Code, ConnectError } from "@connectrpc/connect";
import { Effect, type ExecuteRequest } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { describe, expect, it, vi } from "vitest";
import { createCollaborators, type ServiceClients } from "./clients.ts";
import type { ToolStep } from "./collaborators.ts";
import { call } from "./fixtures/driven-turn.ts";
import { Fenced } from "./scribe.ts";

type Event = { event: { case: string; value: object } };

const WRITES: Event = { event: { case: "accepted", value: { effect: Effect.WRITE } } };
const READS: Event = { event: { case: "accepted", value: { effect: Effect.READ } } };
const RESULT: Event = { event: { case: "result", value: { rendered: "one" } } };
const lost = () => new ConnectError("connection dropped", Code.Unavailable);

/** Executors that answer one try after the other: events, and how their stream breaks off. */
function executors(...tries: (Event | Error | "hang")[][]) {
  const [attempts, cancels]: [number[], unknown[]] = [[], []];
  const tools = {
    async *execute({ attempt }: ExecuteRequest, { signal }: { signal: AbortSignal }) {
      attempts.push(attempt);
      for (const step of tries[attempts.length - 1] ?? []) {
        if (step instanceof Error) throw step;
        if (step === "hang") await new Promise((_, reject) => signal.addEventListener("abort", reject));
        else yield step;
      }
    },
    cancel: async (request: unknown) => void cancels.push(request),
  };
  const { execute } = createCollaborators({ tools } as unknown as ServiceClients);
  const run = async (signal = new AbortController().signal, seen: ToolStep[] = []) => {
    const deadline = new Date(Date.now() + 60_000);
    for await (const step of execute(call("c1", {}), "t1", {
      caller: LOCAL_CALLER,
      trace: undefined,
      deadline,
      signal,
    }))
      seen.push(step);
    return seen.at(-1);
  };
  return { run, attempts, cancels };
}

describe("a call whose executor is lost", () => {
  it("is made again as its next try, and is told by another one how it ended", async () => {
    const { run, attempts } = executors([WRITES, lost()], [lost()], [WRITES, RESULT]);
    expect(await run()).toMatchObject({ kind: "result", rendered: "one" });
    expect(attempts).toEqual([1, 2, 3]);
  });

  it("may have happened where it was begun, changes something and nobody answers", async () => {
    const { run, attempts } = executors([WRITES, lost()], [lost()], [lost()], [lost()]);
    expect(await run()).toMatchObject({ kind: "failure", code: "outcome_unknown" });
    expect(attempts).toEqual([1, 2, 3, 4]);
  });

  it("has failed where it only reads", async () => {
    const { run } = executors([READS, lost()], [lost()], [lost()], [lost()]);
    expect(await run()).toMatchObject({ kind: "failure", code: "unreachable" });
  });

  it("has failed soon where nobody has taken it, and at once where it was refused", async () => {
    const unheard = executors([lost()], [lost()]);
    expect(await unheard.run()).toMatchObject({ kind: "failure", code: "unreachable" });
    expect(unheard.attempts).toEqual([1, 2]);
    const refused = executors([new ConnectError("too many", Code.ResourceExhausted)]);
    expect(await refused.run()).toMatchObject({ kind: "failure", code: "unreachable" });
    expect(refused.attempts).toEqual([1]);
  });
});

describe("a call that changes something, of a turn that stops", () => {
  it.each<[string, unknown, number]>([
    ["is cancelled when its turn is", "user", 1],
    ["is cancelled when its turn's time is over", new DOMException("over", "TimeoutError"), 1],
    ["goes on when another replica has the turn", new Fenced(), 0],
    ["goes on when this replica leaves", "shutdown", 0],
  ])("%s", async (_, reason, times) => {
    const { run, cancels } = executors([WRITES, "hang"]);
    const [stop, seen] = [new AbortController(), [] as ToolStep[]];
    const over = run(stop.signal, seen);
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    stop.abort(reason);
    await expect(over).rejects.toBeDefined();
    expect(cancels).toEqual(Array(times).fill({ turnId: "t1", callId: "c1" }));
  });
});

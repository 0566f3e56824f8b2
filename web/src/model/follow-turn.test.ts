import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { expect, it } from "vitest";
import { type ChatClient, followTurn } from "./follow-turn.ts";

const event = (
  sequence: number,
  kind: "outputTextDelta" | "turnCompleted" | "heartbeat" | "goAway",
): TurnEvent =>
  create(TurnEventSchema, { turnId: "t", epoch: 2, sequence, event: { case: kind, value: {} } });

/** A client whose n-th stream plays the n-th script and then fails or ends; notes what was asked of it. */
function clientOf(scripts: (TurnEvent | Error)[][]): { client: ChatClient; asked: unknown[] } {
  const asked: unknown[] = [];
  async function* play(request: unknown): AsyncGenerator<{ event: TurnEvent }> {
    asked.push(request);
    for (const item of scripts[asked.length - 1] ?? []) {
      if (item instanceof Error) throw item;
      yield { event: item };
    }
  }
  return { client: { chat: play, streamTurn: play } as unknown as ChatClient, asked };
}

async function follow(client: ChatClient, start = { input: { text: "a" } }): Promise<number[]> {
  const sequences: number[] = [];
  const options = { signal: new AbortController().signal, connected: () => {}, pause: async () => {} };
  for await (const { sequence } of followTurn(client, start, options)) sequences.push(sequence);
  return sequences;
}

const lost = new ConnectError("connection lost", Code.Unavailable);

it("sends the same input again until the server has answered once", async () => {
  const { client, asked } = clientOf([
    [lost],
    [lost],
    [event(1, "outputTextDelta"), event(2, "turnCompleted")],
  ]);
  expect(await follow(client)).toEqual([1, 2]);
  expect(asked).toEqual([{ input: { text: "a" } }, { input: { text: "a" } }, { input: { text: "a" } }]);
});

it.each([
  ["broke", lost],
  ["ended without a last event", undefined],
])("takes the stream up behind the last event when it %s", async (_name, fault) => {
  const { client, asked } = clientOf([
    [event(1, "outputTextDelta"), event(0, "heartbeat"), ...(fault ? [fault] : [])],
    [event(2, "turnCompleted")],
  ]);
  expect(await follow(client)).toEqual([1, 0, 2]);
  expect(asked[1]).toEqual({ turnId: "t", epoch: 2, afterSequence: 1 });
});

it("moves on when the server says that it is going away", async () => {
  const { client, asked } = clientOf([
    [event(1, "outputTextDelta"), event(0, "goAway"), event(9, "outputTextDelta")],
    [event(2, "turnCompleted")],
  ]);
  expect(await follow(client)).toEqual([1, 0, 2]);
  expect(asked).toHaveLength(2);
});

it("gives up at once on a refusal, and in the end on a server that stays away", async () => {
  const refused = clientOf([[new ConnectError("no", Code.InvalidArgument)]]);
  await expect(follow(refused.client)).rejects.toThrow("no");
  expect(refused.asked).toHaveLength(1);
  const away = clientOf(Array.from({ length: 50 }, () => [lost]));
  await expect(follow(away.client)).rejects.toThrow("connection lost");
  expect(away.asked.length).toBeLessThan(20);
});

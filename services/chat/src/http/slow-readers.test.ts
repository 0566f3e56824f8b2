import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { create } from "@bufbuild/protobuf";
import type { ChatResponse } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { afterEach, expect, it } from "vitest";
import { readEvents } from "./fixtures/read-events.ts";
import { postJson, testFront } from "./fixtures/test-front.ts";

const READERS = 50;
const EVENTS = 300;
const WORD = "x".repeat(4_096);
/** What a stream may hold in this process for a reader that has stopped. */
const MAX_HELD_BYTES = 1_048_576;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it("holds little for readers that have stopped, and keeps none from reading beside them", async () => {
  const produced = new Map<string, number>();
  const front = testFront({
    async *chat({ input }) {
      const text = input?.text ?? "";
      const events = text.startsWith("good") ? EVENTS : Number.POSITIVE_INFINITY;
      for (let sequence = 1; sequence <= events; sequence++) {
        produced.set(text, sequence);
        yield eventOf(sequence, { case: "outputTextDelta", value: { text: WORD } });
      }
      yield eventOf(events + 1, { case: "turnCompleted", value: { turn: { state: TurnState.COMPLETED } } });
    },
  });
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    responses.push(response);
    front(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const { port } = server.address() as AddressInfo;

  for (let reader = 0; reader < READERS; reader++) stopReading(port, `slow ${reader}`);
  const slow = () => [...produced].filter(([text]) => text.startsWith("slow"));
  // Each has filled what lies between: nothing moves on while nobody reads.
  for (let before = -1, now = 0; slow().length < READERS || now !== before; ) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 100));
    now = slow().reduce((sum, [, events]) => sum + events, 0);
  }
  const good = await Promise.all(
    Array.from({ length: READERS }, async (_, reader) => {
      const headers = { accept: "text/event-stream" };
      return readEvents(await postJson(`http://127.0.0.1:${port}/chat`, { text: `good ${reader}` }, headers));
    }),
  );

  expect(good.map((events) => events.length)).toEqual(Array(READERS).fill(EVENTS + 1));
  const held = responses.filter(({ closed }) => !closed).map(({ writableLength }) => writableLength);
  expect(held.length).toBeGreaterThanOrEqual(READERS);
  expect(Math.max(...held)).toBeLessThanOrEqual(MAX_HELD_BYTES);
});

type Body = NonNullable<NonNullable<Parameters<typeof create<typeof TurnEventSchema>>[1]>["event"]>;

function eventOf(sequence: number, event: Body): Pick<ChatResponse, "event"> {
  return { event: create(TurnEventSchema, { turnId: "t1", sequence, epoch: 1, event }) };
}

/** Asks for a stream and reads nothing of it. */
function stopReading(port: number, text: string): void {
  const body = JSON.stringify({ text });
  const socket = connect(port, "127.0.0.1").pause();
  cleanups.push(() => socket.destroy());
  socket.on("error", () => {});
  socket.write(
    `POST /chat HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

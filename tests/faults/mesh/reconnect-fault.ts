import { toBinary } from "@bufbuild/protobuf";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { SERVICES, type ServiceName } from "../../../scripts/mesh/replicas.ts";
import { allEvents, type ChatClient } from "../../support/chat-client.ts";
import type { Fault } from "../fault.ts";
import { checkTurn } from "./check-turn.ts";
import { type FollowedTurn, followTurn } from "./followed-turn.ts";
import { MESH_POINTS, WHOLE_TEXT } from "./points.ts";
import { openStage } from "./stage.ts";

const WITHIN_MS = 65_000;
/** Chance of a break after any event. */
const BREAKS = 0.2;
/** So many turns side by side. */
const WAVE = 50;

const REPLICAS: Readonly<Record<ServiceName, number>> = {
  ...(Object.fromEntries(SERVICES.map((service) => [service, 1])) as Record<ServiceName, number>),
  chat: 3,
};

/** Streams that break again and again, each time resumed on any of three replicas. */
export const reconnectFault: Fault = {
  title: "break streams at random and resume them on any of three chats",
  async run(times, say) {
    const marks = Array.from({ length: times }, (_, turn) => `mark-${String(turn).padStart(4, "0")}.`);
    // Words that come one by one, and tools whose progress is told.
    const shapes = MESH_POINTS.filter(({ name }) => name === "in mid-stream" || name === "in a tool");
    const steps = marks.flatMap((mark, at) => shapes[at % shapes.length]?.steps(mark) ?? []);
    await using stage = await openStage({ replicas: REPLICAS, steps });
    const turns: FollowedTurn[] = [];
    for (let from = 0; from < marks.length; from += WAVE) {
      const wave = marks
        .slice(from, from + WAVE)
        .map((mark) =>
          followTurn(
            stage.chats,
            { text: `Do ${mark}`, mark },
            { withinMs: WITHIN_MS, leave: () => Math.random() < BREAKS },
          ),
        );
      turns.push(...(await Promise.all(wave)));
      say(`${turns.length} of ${times} streams`);
    }
    const [client] = stage.chats();
    if (!client) throw new Error("no chat is left");
    const violations = (await Promise.all(turns.map((turn) => check(client, turn)))).flat();
    const attaches = turns.reduce((sum, turn) => sum + turn.attaches, 0);
    const events = turns.reduce((sum, turn) => sum + turn.events.length, 0);
    return { rows: [{ streams: turns.length, "connections in all": attaches, events }], violations };
  },
};

/** What was read in pieces is what the log says in one. */
async function check(client: ChatClient, turn: FollowedTurn): Promise<string[]> {
  const { violations } = await checkTurn(client, turn, { wholeText: WHOLE_TEXT, mayFail: false });
  if (turn.turnId === undefined) return violations;
  const whole = await allEvents(client.streamTurn({ turnId: turn.turnId }));
  if (bytesOf(whole) === bytesOf(turn.events)) return violations;
  return [...violations, `${turn.mark}: the pieces are not the log (turn ${turn.turnId})`];
}

function bytesOf(events: readonly TurnEvent[]): string {
  return events.map((event) => Buffer.from(toBinary(TurnEventSchema, event)).toString("base64")).join();
}

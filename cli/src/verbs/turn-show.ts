import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { type Turn, TurnSchema, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ToolCallRecordSchema } from "@forerun/contracts/forerun/common/v1/common_pb";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { pickTurn } from "../pick.ts";
import { type Reach, reach } from "../reach.ts";
import { isTerminal } from "../turn-events.ts";
import { drawWaterfall } from "../waterfall/draw.ts";
import { timelineOf } from "../waterfall/spans.ts";
import { wireJson } from "../wire-json.ts";

const CALL_MS = 10_000;

/** Draws a turn as a waterfall, or prints it with its events and the ledger of its calls. */
export async function turnShow(
  { id, output }: { id: string; output: OutputFormat },
  context: CommandContext,
): Promise<ExitCode> {
  await using server = await reach(context);
  const turnId = await pickTurn(server, id);
  const { turn } = await server.chat.getTurn({ turnId }, server.options({ timeoutMs: CALL_MS }));
  if (!turn) return EXIT.badResult;
  const events = await eventsOf(server, turn);
  const { terminal } = context;
  if (output === "json") {
    terminal.result(
      JSON.stringify({
        turn: wireJson(TurnSchema, turn),
        events: events.map((event) => wireJson(TurnEventSchema, event)),
        ledger: turn.toolCalls.map((record) => wireJson(ToolCallRecordSchema, record)),
      }),
    );
    return EXIT.ok;
  }
  for (const line of drawWaterfall(turn, timelineOf(turn, events))) terminal.result(line);
  terminal.say(terminal.paint.say.dim(`Next  npx forerun turn show ${id} -o json`));
  return EXIT.ok;
}

/** The events so far: of an ended turn all of them, of a running one up to where it stood. */
async function eventsOf(server: Reach, turn: Turn): Promise<TurnEvent[]> {
  const leave = new AbortController();
  const events: TurnEvent[] = [];
  if (turn.lastSequence === 0 || turn.state === TurnState.QUEUED) return events;
  const options = server.options({ timeoutMs: CALL_MS, signal: leave.signal });
  try {
    for await (const { event } of server.chat.streamTurn({ turnId: turn.turnId }, options)) {
      if (!event || event.event.case === "heartbeat") continue;
      events.push(event);
      if (isTerminal(event) || event.sequence >= turn.lastSequence) break;
    }
  } finally {
    leave.abort();
  }
  return events;
}

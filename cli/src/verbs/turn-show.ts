import { TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { TurnSchema } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ToolCallRecordSchema } from "@forerun/contracts/forerun/common/v1/common_pb";
import { readEnv } from "@forerun/runtime/config";
import { ENVIRONMENT } from "@forerun/runtime/environment";
import { traceLink } from "@forerun/timeline/trace-link";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { pickTurn } from "../pick.ts";
import { reach } from "../reach.ts";
import { readTimeline, readTurn } from "../read-turn.ts";
import { drawWaterfall } from "../waterfall/draw.ts";
import { wireJson } from "../wire-json.ts";

/** Draws a turn as a waterfall, with a link to its trace where TRACE_URL is set, or prints it with its events and the ledger of its calls. */
export async function turnShow(
  { id, output }: { id: string; output: OutputFormat },
  context: CommandContext,
): Promise<ExitCode> {
  await using server = await reach(context);
  const turnId = await pickTurn(server, id);
  const found = await readTurn(server, turnId);
  if (!found) return EXIT.badResult;
  const { turn, events } = found;
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
  for (const line of drawWaterfall(turn, readTimeline(found))) terminal.result(line);
  const { TRACE_URL } = readEnv(ENVIRONMENT.pick({ TRACE_URL: true }), context.env);
  const link = traceLink(TRACE_URL, turn.traceId);
  if (link) terminal.result(`  Trace ${link}`);
  terminal.say(terminal.paint.say.dim(`Next  npx forerun turn show ${id} -o json`));
  return EXIT.ok;
}

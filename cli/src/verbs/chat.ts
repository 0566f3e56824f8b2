import { randomUUID } from "node:crypto";
import { type TurnEvent, TurnEventSchema } from "@forerun/contracts/forerun/chat/v1/event_pb";
import { Speculation, type Turn, TurnSchema, TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ChatText } from "../chat-text.ts";
import type { CommandContext } from "../command-context.ts";
import type { OutputFormat } from "../commands/output-option.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { pickConversation } from "../pick.ts";
import { reach } from "../reach.ts";
import { runTurn } from "../turn-events.ts";
import { wireJson } from "../wire-json.ts";

export type ChatInput = {
  text: string;
  conversation: string | undefined;
  output: OutputFormat;
  speculation: boolean;
};

/** Asks and shows the answer as it comes. Ctrl+C cancels the turn. */
export async function chat(input: ChatInput, context: CommandContext): Promise<ExitCode> {
  await using server = await reach(context);
  const conversationId = input.conversation ? await pickConversation(server, input.conversation) : "";
  const speculation = input.speculation ? Speculation.AUTO : Speculation.OFF;
  const turnInput = { conversationId, text: input.text, idempotencyKey: randomUUID(), speculation };
  const show = presenter(input.output, context);
  let turn: Turn | undefined;
  for await (const event of runTurn(server, turnInput, context.interrupt)) {
    show(event);
    turn = endedTurn(event) ?? turn;
  }
  if (turn && input.output === "json") context.terminal.result(JSON.stringify(wireJson(TurnSchema, turn)));
  if (context.interrupt.aborted) return EXIT.interrupted;
  return exitCodeOfTurn(turn);
}

function presenter(output: OutputFormat, { terminal }: CommandContext): (event: TurnEvent) => void {
  if (output === "text") {
    const text = new ChatText(terminal);
    return (event) => text.show(event);
  }
  if (output === "json") return () => {};
  return (event) => {
    if (event.event.case !== "heartbeat") terminal.result(JSON.stringify(wireJson(TurnEventSchema, event)));
  };
}

function endedTurn({ event }: TurnEvent): Turn | undefined {
  switch (event.case) {
    case "turnCompleted":
    case "turnIncomplete":
    case "turnFailed":
    case "turnCancelled":
      return event.value.turn;
    default:
      return undefined;
  }
}

function exitCodeOfTurn(turn: Turn | undefined): ExitCode {
  if (turn?.state === TurnState.COMPLETED) return EXIT.ok;
  return turn?.reason === "deadline" ? EXIT.timedOut : EXIT.badResult;
}

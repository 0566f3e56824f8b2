import type { TurnEvent } from "@forerun/contracts/forerun/chat/v1/event_pb";
import type { Turn } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { type Citation, Outcome, type ToolCallRecord } from "@forerun/contracts/forerun/common/v1/common_pb";
import { describeCall, describeOutput } from "./describe-call.ts";
import type { Terminal } from "./terminal.ts";

/** Shows a turn to a person: the answer on stdout as it comes, tools, sources and the ending on stderr. */
export class ChatText {
  readonly #terminal: Terminal;
  readonly #sources: Citation[] = [];
  #lineOpen = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show({ event }: TurnEvent): void {
    switch (event.case) {
      case "outputTextDelta":
        this.#write(event.value.text);
        return;
      case "outputReset":
        this.#endLine();
        this.#say("the answer begins anew: another process took the turn over");
        return;
      case "outputTextAnnotationAdded":
        if (event.value.citation) this.#sources.push(event.value.citation);
        return;
      case "toolCallOutput":
      case "toolCallFailed":
      case "toolCallCancelled":
      case "toolCallDenied":
        this.#tool(event.value.record);
        return;
      case "turnCompleted":
      case "turnIncomplete":
      case "turnFailed":
      case "turnCancelled":
        this.#end(event.value.turn);
        return;
      default:
        return;
    }
  }

  #write(text: string): void {
    if (text === "") return;
    this.#terminal.write(text);
    this.#lineOpen = !text.endsWith("\n");
  }

  #tool(record: ToolCallRecord | undefined): void {
    // An early call that nobody wanted is no news to who waits for the answer.
    if (!record || (record.early && record.outcome === Outcome.CANCELLED)) return;
    this.#endLine();
    const { green, red } = this.#terminal.paint.say;
    const mark = record.errorCode === "" && record.output ? green("✓") : red("✕");
    this.#terminal.say(`  ${mark} ${describeCall(record, 34)} → ${describeOutput(record, 30)}`);
  }

  #end(turn: Turn | undefined): void {
    this.#endLine();
    for (const [index, { title, uri }] of this.#sources.entries()) {
      this.#say(`[${index + 1}] ${title || uri}${title && uri ? `  ${uri}` : ""}`);
    }
    if (turn?.errorCode)
      this.#terminal.say(
        `✖ ${turn.errorCode}  the turn failed${turn.retryable ? ": it may be tried again" : ""}${turn.reason ? `  docs/errors/${turn.reason}.md` : ""}`,
      );
    else if (turn?.reason) this.#say(`ended early: ${turn.reason}`);
    this.#say("Next  npx forerun turn show last");
  }

  #say(line: string): void {
    this.#terminal.say(this.#terminal.paint.say.dim(line));
  }

  #endLine(): void {
    if (this.#lineOpen) this.#terminal.write("\n");
    this.#lineOpen = false;
  }
}

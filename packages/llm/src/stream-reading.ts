import { chatChunk, finishReason, tokenUsage, writtenText } from "./chat-wire.ts";
import type { FinishReason, ModelToolCall } from "./model-call.ts";
import { brokenOff, failedInStream, unreadable } from "./model-errors.ts";
import type { TokenCounts } from "./settle-usage.ts";
import { TextGuard } from "./text-guard.ts";
import { ToolCallReading } from "./tool-call-reading.ts";

const DONE = "[DONE]";

/** How a stream closed, and all that it said. */
export type Closing = Readonly<{
  finishReason: FinishReason;
  /** Undefined when the endpoint did not count. */
  reported: TokenCounts | undefined;
  text: string;
  toolCalls: readonly ModelToolCall[];
}>;

/** What has been read of one streamed answer. Throws a ForerunError when the stream proves broken. */
export class StreamReading {
  readonly #guard = new TextGuard();
  readonly #toolCalls = new ToolCallReading();
  #text = "";
  #allText = "";
  #finish: FinishReason | undefined;
  #reported: TokenCounts | undefined;
  #ended = false;

  /** The endpoint has said that nothing follows. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The text is whole; only usage or the end mark may follow. */
  get finished(): boolean {
    return this.#finish !== undefined;
  }

  /** Reads the data of one event. Whatever follows the end mark, a second one included, is ignored. */
  take(data: string): void {
    if (this.#ended || data === "") return;
    if (data.trim() === DONE) {
      this.#ended = true;
      return;
    }
    const chunk = parseChunk(data);
    if (chunk.error !== undefined && chunk.error !== null) throw failedInStream();
    const choice = chunk.choices?.[0];
    this.#text += writtenText(choice?.delta);
    this.#toolCalls.take(choice?.delta?.tool_calls ?? []);
    if (choice?.finish_reason) this.#finish ??= finishReason(choice.finish_reason);
    if (chunk.usage) this.#reported = tokenUsage(chunk.usage);
  }

  /** The text that came since the last time; may be empty. */
  takeText(): string {
    if (this.#text === "") return "";
    const text = this.#guard.push(this.#text);
    this.#text = "";
    this.#allText += text;
    return text;
  }

  /** The end of a whole stream. One that simply stops is a broken one: a cut answer must not look like a whole one. */
  end(): Closing {
    const toolCalls = this.#toolCalls.calls();
    const hasContent = this.#allText !== "" || toolCalls.length > 0;
    if (this.#finish === undefined && !(this.#ended && hasContent)) {
      throw this.#ended ? unreadable() : brokenOff();
    }
    const finishReason = this.#finish ?? "stop";
    return { finishReason, reported: this.#reported, text: this.#allText, toolCalls };
  }
}

function parseChunk(data: string) {
  try {
    return chatChunk.parse(JSON.parse(data));
  } catch (fault) {
    throw unreadable(kindOf(fault));
  }
}

/** A parser's message quotes its input, which must not reach a log. */
function kindOf(fault: unknown): string {
  return fault instanceof Error ? fault.name : typeof fault;
}

import { finishReason } from "./chat-wire.ts";
import { ChunkFrame } from "./chunk-frame.ts";
import { JsonSpan } from "./json-span.ts";
import type { FinishReason, ModelToolCall } from "./model-call.ts";
import { brokenOff, failedInStream, unreadable } from "./model-errors.ts";
import { type Chunk, readChunk } from "./read-chunk.ts";
import type { Rung } from "./schema-ladder.ts";
import type { TokenCounts } from "./settle-usage.ts";
import { TextGuard } from "./text-guard.ts";
import { argumentsOf, ToolCallReading } from "./tool-call-reading.ts";

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
  readonly #frame = new ChunkFrame();
  readonly #rung: Rung;
  readonly #span: JsonSpan | undefined;
  #text = "";
  #allText = "";
  #finish: FinishReason | undefined;
  #reported: TokenCounts | undefined;
  #ended = false;

  /** `rung`: how the request asked for JSON of a schema, if it did. */
  constructor(rung: Rung) {
    this.#rung = rung;
    this.#span = rung === "prompt" ? new JsonSpan() : undefined;
  }

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
    const textAlone = this.#frame.textOf(data);
    if (textAlone !== undefined) this.#text += textAlone;
    else if (data.trim() === DONE) this.#ended = true;
    else this.#takeChunk(data);
  }

  #takeChunk(data: string): void {
    const { text, toolCalls, finish, reported, failed } = parseChunk(data);
    if (failed) throw failedInStream();
    this.#text += text;
    if (this.#rung === "function") this.#text += argumentsOf(toolCalls);
    else if (toolCalls.length > 0) this.#toolCalls.take(toolCalls);
    if (finish !== "") this.#finish ??= finishReason(finish);
    else if (text !== "" && toolCalls.length === 0) this.#frame.learn(data, text);
    this.#reported = reported ?? this.#reported;
  }

  /** The text that came since the last time; may be empty. */
  takeText(): string {
    if (this.#text === "") return "";
    const text = this.#guard.push(this.#span?.push(this.#text) ?? this.#text);
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

function parseChunk(data: string): Chunk {
  try {
    return readChunk(data);
  } catch (fault) {
    throw unreadable(kindOf(fault));
  }
}

/** A parser's message quotes its input, which must not reach a log. */
function kindOf(fault: unknown): string {
  return fault instanceof Error ? fault.name : typeof fault;
}

/** A line or an event that never ends: a broken or hostile endpoint. */
export class SseLimitError extends Error {
  constructor(limit: number) {
    super(`an event of the stream is longer than ${limit} characters`);
    this.name = "SseLimitError";
  }
}

/**
 * Reads server-sent events from bytes as they come, split anywhere. Follows "9.2.6 Interpreting an event stream" of the
 * HTML standard for the one field used here, `data`; comments and other fields are skipped.
 */
export class SseParser {
  readonly #decoder = new TextDecoder();
  readonly #limit: number;
  /** The line that has begun and not ended. */
  #line = "";
  /** Data lines of the event that has begun and not ended. */
  #data: string[] = [];
  #dataLength = 0;
  #endedInCr = false;

  /** `limit`: characters of one event at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The data of every event that these bytes complete, in order. */
  push(bytes: Uint8Array): string[] {
    return this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The data of an event that the end of the stream left without its blank line. */
  end(): string[] {
    const rest = this.#read(this.#decoder.decode());
    return [...rest, ...this.#read("\n\n")];
  }

  #read(text: string): string[] {
    const events: string[] = [];
    const lines = this.#unixLines(text).split("\n");
    const last = lines.length - 1;
    for (let index = 0; index < last; index += 1) {
      const event = this.#takeLine(this.#line + lines[index]);
      this.#line = "";
      if (event !== undefined) events.push(event);
    }
    this.#line += lines[last];
    this.#checkLimit(this.#line.length);
    return events;
  }

  /** Line ends are LF, CR or CRLF, and a CRLF may be split between two chunks. */
  #unixLines(text: string): string {
    if (text === "") return text;
    const rest = this.#endedInCr && text.startsWith("\n") ? text.slice(1) : text;
    this.#endedInCr = text.endsWith("\r");
    return rest.includes("\r") ? rest.replace(/\r\n?/g, "\n") : rest;
  }

  /** The event's data when this line ends one. */
  #takeLine(line: string): string | undefined {
    this.#checkLimit(line.length);
    if (line === "") return this.#takeEvent();
    if (line.startsWith("data:")) this.#addData(line.slice(line[5] === " " ? 6 : 5));
    else if (line === "data") this.#addData("");
    return undefined;
  }

  #addData(data: string): void {
    this.#data.push(data);
    this.#dataLength += data.length + 1;
    this.#checkLimit(this.#dataLength);
  }

  #takeEvent(): string | undefined {
    if (this.#data.length === 0) return undefined;
    const event = this.#data.length === 1 ? this.#data[0] : this.#data.join("\n");
    this.#data = [];
    this.#dataLength = 0;
    return event;
  }

  #checkLimit(length: number): void {
    if (length > this.#limit) throw new SseLimitError(this.#limit);
  }
}

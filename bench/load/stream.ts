import type { Agent } from "undici";

/** One answer as it came. `wordMs`: milliseconds from the request until each of its words was whole; `end`: its last event. */
export type Streamed = { text: string; wordMs: readonly number[]; end: string };

/** Last events of answers that completed. */
export const COMPLETED: ReadonlySet<string> = new Set(["[DONE]", "turn_completed"]);

type Piece = { ms: number; text: string };

/**
 * Reads one stream. Bytes are noted with their times and read when all have come: a client that parses as it goes would take
 * from the servers the cores on which they are measured.
 */
export async function streamOnce(agent: Agent, url: string, body: object): Promise<Streamed> {
  const begun = performance.now();
  const { origin, pathname } = new URL(url);
  const response = await agent.request({
    ...{ origin, path: pathname, method: "POST" },
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify(body),
  });
  const arrivals: { ms: number; bytes: Buffer }[] = [];
  for await (const bytes of response.body) arrivals.push({ ms: performance.now() - begun, bytes });
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
  return read(arrivals);
}

function read(arrivals: readonly { ms: number; bytes: Buffer }[]): Streamed {
  const decoder = new TextDecoder();
  const pieces: Piece[] = [];
  let [pending, end] = ["", "nothing"];
  for (const { ms, bytes } of arrivals) {
    const lines = (pending + decoder.decode(bytes, { stream: true })).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      const text = textOf(line);
      if (text !== "") pieces.push({ ms, text });
      end = /^event: (.*)|^data: (\[DONE\])/.exec(line)?.slice(1).join("") ?? end;
    }
  }
  const text = pieces.map((piece) => piece.text).join("");
  return { text, wordMs: wordTimes(pieces, text), end };
}

/** A piece may hold several words, or a part of one. */
function wordTimes(pieces: readonly Piece[], text: string): number[] {
  const times: number[] = [];
  let [at, end, wordEnd] = [-1, 0, -1];
  for (const word of text.split(" ")) {
    wordEnd += word.length + 1;
    while (end < wordEnd) end += pieces[++at]?.text.length ?? Number.POSITIVE_INFINITY;
    times.push(pieces[at]?.ms ?? Number.NaN);
  }
  return times;
}

/** What a line of either API says of the answer. */
function textOf(line: string): string {
  if (!line.startsWith("data: {")) return "";
  const data = JSON.parse(line.slice("data: ".length)) as {
    output_text_delta?: { text: string };
    choices?: { delta?: { content?: string } }[];
  };
  return data.output_text_delta?.text ?? data.choices?.[0]?.delta?.content ?? "";
}

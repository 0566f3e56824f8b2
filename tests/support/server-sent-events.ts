export type ServerSentEvent = { id: string; event: string; data: unknown };

/** The events of a response as they come, comments left out. Leaving the loop cuts the connection. */
export async function* serverSentEvents(response: Response): AsyncGenerator<ServerSentEvent> {
  if (!response.body) throw new Error("the response has no body");
  let held = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (held + text).split("\n\n");
    held = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]));
      const data = fields.get("data");
      if (data === undefined) continue;
      yield { id: fields.get("id") ?? "", event: fields.get("event") ?? "", data: JSON.parse(data) };
    }
  }
}

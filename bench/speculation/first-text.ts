/** One call as the ended turn's ledger has it. */
export type LedgerRecord = { outcome: string; savedMs: number; wastedMs: number };

/** Milliseconds from the request to the answer's first word, and the turn's ledger. */
export type FirstText = { ms: number; records: LedgerRecord[] };

type WireRecord = { outcome: string; saved_ms: number; wasted_ms: number };

/** Asks over SSE, as a client that shows words as they come. */
export async function askForFirstText(
  http: string,
  question: { text: string; speculation: string },
): Promise<FirstText> {
  const begun = performance.now();
  const response = await fetch(`${http}/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ text: question.text, speculation: question.speculation }),
  });
  if (!response.ok || !response.body)
    throw new Error(`the server answered ${response.status}: ${await response.text()}`);
  let text = "";
  let ms: number | undefined;
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (ms === undefined && text.includes("event: output_text_delta")) ms = performance.now() - begun;
  }
  const ended = /event: turn_completed\ndata: (.*)\n/.exec(text)?.[1];
  if (ms === undefined || ended === undefined)
    throw new Error(`the turn did not complete: ${text.slice(-500)}`);
  const { turn } = (JSON.parse(ended) as { turn_completed: { turn: { tool_calls: WireRecord[] } } })
    .turn_completed;
  const records = turn.tool_calls.map(({ outcome, saved_ms, wasted_ms }) => ({
    outcome,
    savedMs: saved_ms,
    wastedMs: wasted_ms,
  }));
  return { ms, records };
}

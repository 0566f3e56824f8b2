/** One call as the ended turn's ledger has it. */
export type LedgerRecord = { outcome: string; savedMs: number; wastedMs: number };

/**
 * Milliseconds from the request to the answer's first word, the turn's ledger, when it was decided (milliseconds of the epoch),
 * and the answers that were begun for nothing.
 */
export type FirstText = { ms: number; records: LedgerRecord[]; decidedAt: number; discardedAnswers: number };

type WireTurn = {
  tool_calls: { outcome: string; saved_ms: number; wasted_ms: number }[];
  usage: { discarded_model_calls: number };
};

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
  const { turn } = (JSON.parse(ended) as { turn_completed: { turn: WireTurn } }).turn_completed;
  const decided = /event: route_decided\ndata: (.*)\n/.exec(text)?.[1] ?? "{}";
  const { create_time } = JSON.parse(decided) as { create_time: string };
  const records = turn.tool_calls.map(({ outcome, saved_ms, wasted_ms }) => ({
    outcome,
    savedMs: saved_ms,
    wastedMs: wasted_ms,
  }));
  const { discarded_model_calls: discardedAnswers } = turn.usage;
  return { ms, records, decidedAt: Date.parse(create_time), discardedAnswers };
}

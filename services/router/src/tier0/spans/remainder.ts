import type { Span } from "./span.ts";

export type RemainderSpan = Span & Readonly<{ remainder: "all" | "object" | "colon" | "about" | "command" }>;

const POLITE =
  /^(?:(?:hi|hey|hello|please|ok|okay|so|and|also|then|well|now|kindly)\b[\s,!.]*|(?:can|could|would|will) you (?:please |kindly |help me |also )?|i (?:want|need|would like|'d like|wish)(?: you)? to |i'd like (?:you )?to |help me (?:to )?|let me |let's )/i;
const VERB =
  /^(?:find|search|look up|lookup|look for|look in|check|get|show|tell|give|fetch|read|query|google|calculate|compute|evaluate|solve|translate|send|say|what does|what do|what is|what are|what's|whats|who is|where is|where's|how much is|how many is|remind|remember)\b(?: me| us)?(?: to(?= \p{L}))?\s*/iu;
const SOURCE =
  /^(?:(?:through|in|on|over|up)\s+)?(?:(?:the|our|my|your|this|all|any)\s+)?(?:(?:internal|company|product|project|online|uploaded|ingested)\s+)?(?:docs?|documents?|documentation|notes|files?|knowledge(?: base)?|wiki|web|internet|handbook|manual|guide|library)\b\s*/i;
const LINK =
  /^(?:(?:say|says|tell us|tell me|mention)\s+)?(?:for|about|on|of|regarding|what|whether|if|how|where|that says|to find)\b\s*/i;

/** What is left of a clause when the words that only ask are taken off its front; for parameters that want a query or a text. */
export function findRemainders(text: string): RemainderSpan[] {
  const found: RemainderSpan[] = [];
  const all = cut(text, 0);
  if (all !== undefined) found.push({ ...all, remainder: "all" });
  const object = cut(text, objectStart(text));
  if (object !== undefined && object.start > 0) found.push({ ...object, remainder: "object" });
  const colon = /(?<=[\p{L}\s]):\s+|\s[-–—]\s/u.exec(text);
  const after = colon === null ? undefined : cut(text, colon.index + colon[0].length);
  if (after !== undefined) found.push({ ...after, remainder: "colon" });
  const about = /\b(?:about|regarding|concerning|search(?:ing)? for|looking for|information on)\s+/i.exec(
    text,
  );
  const topic = about === null ? undefined : cut(text, about.index + about[0].length);
  if (topic !== undefined) found.push({ ...topic, remainder: "about" });
  const command = lastMatch(text, /\b(?:command|run|execute|executing|using|through)\b:?\s+/gi);
  const line = command === undefined ? undefined : cut(text, command);
  if (line !== undefined) found.push({ ...line, remainder: "command" });
  return found;
}

/** Where the last match ends. */
function lastMatch(text: string, pattern: RegExp): number | undefined {
  let end: number | undefined;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}

/** Where the asking ends: polite opening, verb, source ("in the docs") and linking word are skipped in turn. */
function objectStart(text: string): number {
  let at = /^\s*/.exec(text)?.[0].length ?? 0;
  for (let i = 0; i < 4; i++) {
    const match = POLITE.exec(text.slice(at, at + 80));
    if (match === null || match[0] === "") break;
    at += match[0].length;
  }
  const verb = VERB.exec(text.slice(at, at + 80))?.[0].length ?? 0;
  const source = SOURCE.exec(text.slice(at + verb, at + verb + 120))?.[0].length ?? 0;
  at += verb + source;
  const link = source > 0 || verb > 0 ? LINK.exec(text.slice(at, at + 60)) : null;
  // "how to …" and "what is …" belong to the question itself.
  const keeps = link !== null && /^(?:what|how|where|whether|if)\b/i.test(link[0]);
  return at + (link === null || keeps ? 0 : link[0].length);
}

function cut(text: string, start: number): Span | undefined {
  const rest = text.slice(start);
  const lead = /^[\s"'“*]*/.exec(rest)?.[0].length ?? 0;
  const body = trimEnd(rest.slice(lead));
  if (body === "" || body.length > 4000) return undefined;
  return { start: start + lead, end: start + lead + body.length, text: body };
}

/** By hand: a regular expression anchored at the end retries at every mark of the text. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s?.!,;"'”*]/.test(text[end - 1] ?? "")) end--;
  return text.slice(0, end);
}

import { tokenize } from "../text/tokens.ts";
import { isConsent } from "./abstain.ts";

export type Turn = Readonly<{ role: string; content: string }>;

const OPENING = /^(?:and|what about|how about|and what about|and how about|what if|same for|now)\b[\s,]*/i;
const LONGEST_FRAGMENT = 7;
const LONGEST_ANSWER = 8;

export type FollowUp =
  /** "and in Paris?" after a question: the same call with something else put in. */
  | Readonly<{ kind: "variation"; before: string; fragment: string }>
  /** The answer to a question that was asked back: it completes the message before. */
  | Readonly<{ kind: "completion"; combined: string }>
  /** "yes, do it": what was offered. */
  | Readonly<{ kind: "consent"; offer: string }>;

/** What a short message means in the light of the turn before; undefined when it stands for itself. */
export function followUp(text: string, history: readonly Turn[]): FollowUp | undefined {
  const before = history.findLast((turn) => turn.role === "user")?.content;
  const reply = history.at(-1);
  if (before === undefined) return undefined;
  const words = tokenize(text).filter((token) => token.kind !== "mark").length;
  const opening = OPENING.exec(text);
  if (opening !== null && words <= LONGEST_FRAGMENT) {
    return { kind: "variation", before, fragment: text.slice(opening[0].length) };
  }
  const offer = reply?.role === "assistant" && isConsent(text) ? offerOf(reply.content) : undefined;
  if (offer !== undefined) return { kind: "consent", offer };
  const asked = reply?.role === "assistant" && reply.content.trimEnd().endsWith("?");
  if (asked && words <= LONGEST_ANSWER && !text.includes("?")) {
    return { kind: "completion", combined: `${before.replace(/[?.!\s]{1,20}$/, "")}: ${text}` };
  }
  return undefined;
}

const OFFER =
  /\b(?:shall i|should i|may i|can i|do you want me to|would you like me to) ([^.?!]{3,200})\?\s*$/i;

/** What a message offers to do in its last sentence. */
function offerOf(message: string): string | undefined {
  return OFFER.exec(message.slice(-400))?.[1];
}

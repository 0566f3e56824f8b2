import type { Span } from "./span.ts";

export type CodeSpan = Span & Readonly<{ code: "email" | "url" | "phone" | "identifier" | "path" | "ip" }>;

// Each pattern is a chain of single classes; lengths are bounded where classes could meet.
const EMAIL = /[\p{L}\p{Nd}._%+-]{1,64}@[\p{L}\p{Nd}-]{1,63}(?:\.[\p{L}\p{Nd}-]{1,63}){1,5}/gu;
const URL_PATTERN = /\bhttps?:\/\/[^\s"'<>`]{1,2000}/giu;
const PHONE = /(?<![\p{L}\p{Nd}])\+?\(?\d{3}\)?[ -]\d{3,4}[ -]\d{4}(?!\d)/gu;
const IP = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]\d)/g;
// "^DJI" is a symbol, "x^DJI" is a power.
const WORDLIKE = /(?:(?<![\p{L}\p{Nd})\]])\^(?=\p{Lu}))?[\p{L}\p{Nd}_#][\p{L}\p{Nd}_\-./+&]{0,80}/gu;

/** E-mails, addresses of the web, phone numbers, and words no dictionary holds: rs6034464, CA123456, owner/name, file.txt, snake_case. */
export function findCodes(text: string): CodeSpan[] {
  const found: CodeSpan[] = [
    ...matches(text, EMAIL, "email"),
    ...matches(text, URL_PATTERN, "url"),
    ...matches(text, PHONE, "phone"),
    ...matches(text, IP, "ip"),
  ];
  for (const match of text.matchAll(WORDLIKE)) {
    const word = match[0].replace(/[.,/&-]+$/, "");
    const code = classify(word);
    const start = match.index;
    if (code === undefined || found.some((span) => span.start <= start && start < span.end)) continue;
    found.push({ start, end: start + word.length, text: word, code });
  }
  return found.sort((a, b) => a.start - b.start);
}

function* matches(text: string, pattern: RegExp, code: CodeSpan["code"]): Generator<CodeSpan> {
  for (const match of text.matchAll(pattern)) {
    const word = match[0].replace(/[.,?!;)]+$/, "");
    yield { start: match.index, end: match.index + word.length, text: word, code };
  }
}

function classify(word: string): CodeSpan["code"] | undefined {
  const letters = /\p{L}/u.test(word);
  const digits = /\p{Nd}/u.test(word);
  if (/^[\p{L}\p{Nd}._-]+\/[\p{L}\p{Nd}._/-]+$/u.test(word) && letters) return "path";
  if (letters && digits && !/^\d+(?:st|nd|rd|th|%|[a-z]{1,3})$/i.test(word)) return "identifier";
  if (/^\^\p{Lu}|^\p{Lu}{2,6}[.-]\p{Lu}{1,3}$/u.test(word)) return "identifier";
  if (/^[\p{L}]+(?:_[\p{L}\p{Nd}]+)+$/u.test(word)) return "identifier";
  if (/^[\p{L}\p{Nd}_-]+\.(?:\p{L}{2,4})$/u.test(word) && /\p{Ll}/u.test(word)) return "path";
  if (/^\p{Ll}+\p{Lu}/u.test(word)) return "identifier";
  if (digits && /^\d{2,}(?:-\d{2,})+$/.test(word)) return "identifier";
  return undefined;
}

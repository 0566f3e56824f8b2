import { AUXILIARIES, CONJUNCTIONS, PREPOSITIONS } from "../text/word-classes.ts";
import { type NumberSpan, simpleNumber } from "./numbers.ts";
import type { Span } from "./span.ts";

export type ExpressionSpan = Span & Readonly<{ value: string; variables: boolean }>;

type Piece = {
  kind: "operand" | "operator" | "open" | "close" | "function";
  value: string;
  start: number;
  end: number;
};

const PIECE =
  /(?<number>\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?%?|\.\d+)|(?<word>\p{L}+)|(?<operator>\*\*|[-+−*/^×÷%])|(?<open>\()|(?<close>\))|(?<other>\S)/giu;
const FUNCTIONS = new Set("sqrt sin cos tan log ln exp abs log10 asin acos atan cbrt".split(" "));
const VARIABLES = new Set(["x", "y", "z", "t", "n", "e", "pi"]);
const WORD_OPERATORS: ReadonlyMap<string, string> = new Map([
  ["plus", "+"],
  ["minus", "-"],
  ["times", "*"],
  ["over", "/"],
  ["divided", "/"],
  ["multiplied", "*"],
  ["mod", "%"],
]);
const SIGNS: ReadonlyMap<string, string> = new Map([
  ["×", "*"],
  ["÷", "/"],
  ["−", "-"],
  ["**", "^"],
]);

const SPOKEN = new Set(
  (
    "the of a an by to from and off on percent root square squared cube cubed power raised factorial half twice double " +
    "increase decrease sum difference product average mean plus minus times over divided multiplied mod tip tax degrees " +
    "derivative integral"
  ).split(" "),
);

/** Whether words read as a sum at all: something to work with, and nothing but arithmetic around it. */
export function readsAsExpression(text: string): boolean {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const operand = (word: string): boolean => VARIABLES.has(word) || simpleNumber(word) !== undefined;
  const known = (word: string): boolean => operand(word) || SPOKEN.has(word) || FUNCTIONS.has(word);
  return (/\p{Nd}/u.test(text) || words.some(operand)) && words.every(known);
}

/** Arithmetic as written or said: "17% of 2400", "12 times 8", "2x^2 + 3x - 1", "two plus two", "the square root of 144". */
export function findExpressions(text: string, numbers: readonly NumberSpan[]): ExpressionSpan[] {
  const written = inDigits(text, numbers);
  const found: ExpressionSpan[] = [...imperatives(written)];
  let run: Piece[] = [];
  const flush = (): void => {
    const span = expressionOf(text, run);
    if (span !== undefined) found.push(span);
    run = [];
  };
  for (const piece of pieces(spoken(written))) {
    if (piece === undefined || !continues(run, piece)) flush();
    if (piece !== undefined && continues(run, piece)) run.push(piece);
  }
  flush();
  return found;
}

const IMPERATIVES: readonly (readonly [RegExp, (a: string, b: string) => string])[] = [
  [/\b(?:add|sum)\s+([\d.,]{1,24})\s+(?:and|to|plus)\s+([\d.,]{1,24})/i, (a, b) => `${a} + ${b}`],
  [/\bmultiply\s+([\d.,]{1,24})\s+(?:by|and|with)\s+([\d.,]{1,24})/i, (a, b) => `${a} * ${b}`],
  [/\bdivide\s+([\d.,]{1,24})\s+by\s+([\d.,]{1,24})/i, (a, b) => `${a} / ${b}`],
  [/\bsubtract\s+([\d.,]{1,24})\s+from\s+([\d.,]{1,24})/i, (a, b) => `${b} - ${a}`],
];

/** "add 45 and 78", "subtract 19 from 60": the verb stands in front and tells the operator. */
function* imperatives(text: string): Generator<ExpressionSpan> {
  for (const [pattern, render] of IMPERATIVES) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const [a, b] = [match[1], match[2]].map((number) =>
      (number ?? "").replaceAll(",", "").replace(/\.$/, ""),
    );
    const value = render(a ?? "", b ?? "");
    yield { start: match.index, end: match.index + match[0].length, text: match[0], value, variables: false };
  }
}

/** Numbers in words become digits where these are no longer, so that offsets stay true. */
function inDigits(text: string, numbers: readonly NumberSpan[]): string {
  return numbers
    .filter((span) => span.style === "word" && !/^an?\b/i.test(span.text))
    .reduce((rest, { start, end, value }) => {
      const digits = String(value).padEnd(end - start);
      return start + digits.length > end ? rest : rest.slice(0, start) + digits + rest.slice(end);
    }, text);
}

/** A short word between a percentage and a number: "of" in whatever language, unless it is another English word. */
const PERCENT_LINK = /(?<=\d ?% )(\p{L}{2,4})(?= \d)/gu;
const LINKS = new Set([...PREPOSITIONS, ...CONJUNCTIONS, ...WORD_OPERATORS.keys(), ...AUXILIARIES, "off"]);

/** Rewrites spoken forms without changing the length of the text, so that offsets stay true. */
function spoken(text: string): string {
  const same = (from: string, to: string): string => to + " ".repeat(from.length - to.length);
  return text
    .replace(/\b(?:the )?square root of (?=[\d(])/gi, (match) => same(match, "sqrt "))
    .replace(/\b(?:the )?cube root of (?=[\d(])/gi, (match) => same(match, "cbrt "))
    .replace(/\b(?:divided|multiplied) by\b/gi, (match) =>
      same(match, match[0]?.toLowerCase() === "d" ? "/" : "*"),
    )
    .replace(/\b(?:to the power of|raised to)\b/gi, (match) => same(match, "^"))
    .replace(/(?<=\d ?)\bsquared\b/gi, (match) => same(match, "^2"))
    .replace(/(?<=\d ?)\bcubed\b/gi, (match) => same(match, "^3"))
    .replace(/(?<=\d) ?percent of\b/gi, (match) => same(match, "% of"))
    .replace(PERCENT_LINK, (match, word: string) =>
      LINKS.has(word.toLowerCase()) ? match : same(match, "of"),
    )
    .replace(/(?<=\d) % (?=off? )/g, "%  ");
}

function* pieces(text: string): Generator<Piece | undefined> {
  for (const match of text.matchAll(PIECE)) {
    const groups = match.groups ?? {};
    const at = { start: match.index, end: match.index + match[0].length };
    if (groups.number !== undefined) yield { kind: "operand", value: match[0].replaceAll(",", ""), ...at };
    else if (groups.operator !== undefined)
      yield { kind: "operator", value: SIGNS.get(match[0]) ?? match[0], ...at };
    else if (groups.open !== undefined) yield { kind: "open", value: "(", ...at };
    else if (groups.close !== undefined) yield { kind: "close", value: ")", ...at };
    else yield wordPiece(match[0].toLowerCase(), at);
  }
}

function wordPiece(word: string, at: { start: number; end: number }): Piece | undefined {
  const operator = WORD_OPERATORS.get(word);
  if (operator !== undefined) return { kind: "operator", value: operator, ...at };
  if (word === "of" || word === "off") return { kind: "operator", value: word, ...at };
  if (FUNCTIONS.has(word)) return { kind: "function", value: word, ...at };
  if (VARIABLES.has(word)) return { kind: "operand", value: word, ...at };
  return undefined;
}

function continues(run: readonly Piece[], piece: Piece): boolean {
  const last = run.at(-1);
  if (last === undefined) return piece.kind !== "close" && (piece.kind !== "operator" || piece.value === "-");
  const complete = last.kind === "operand" || last.kind === "close";
  if (piece.value === "of" || piece.value === "off") return last.value.endsWith("%");
  if (piece.kind === "operator") return complete || piece.value === "-";
  if (piece.kind === "close") return complete;
  // "2x" and "3(x + 1)" multiply without a sign, only where they touch.
  return complete ? last.end === piece.start && !/^\d/.test(piece.value) : true;
}

function expressionOf(text: string, run: Piece[]): ExpressionSpan | undefined {
  const trimmed = balance(run);
  const first = trimmed[0];
  const last = trimmed.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const operands = trimmed.filter((piece) => piece.kind === "operand");
  const works = trimmed.some(
    (piece, index) => piece.kind === "function" || (piece.kind === "operator" && index > 0),
  );
  const variables = operands.some((piece) => /^\p{L}$/u.test(piece.value));
  if (operands.length === 0 || (!works && !(variables && operands.length > 1))) return undefined;
  const raw = text.slice(first.start, last.end);
  if (DATE_LIKE.test(raw)) return undefined;
  return { start: first.start, end: last.end, text: raw, value: render(trimmed), variables };
}

/** Dates and ranges of years are no divisions and no subtractions. */
const DATE_LIKE = /^(?:\d{1,4}[-/]\d{1,2}[-/]\d{1,4}|(?:19|20)\d\d[-/](?:0?[1-9]|1[0-2]|(?:19|20)?\d\d))$/;

/** Drops dangling operators and unmatched brackets at both ends. */
function balance(run: readonly Piece[]): Piece[] {
  const pieces = [...run];
  while (pieces.length > 0) {
    const last = pieces.at(-1);
    const opens = pieces.filter((piece) => piece.kind === "open").length;
    const closes = pieces.filter((piece) => piece.kind === "close").length;
    if (last?.kind === "operator" || last?.kind === "open" || last?.kind === "function") {
      if (last.value === "%" && last.kind === "operator") break;
      pieces.pop();
    } else if (closes > opens) pieces.pop();
    else if (opens > closes) pieces.shift();
    else break;
  }
  return pieces;
}

function render(pieces: readonly Piece[]): string {
  let out = "";
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1];
    const unary =
      piece.value === "-" && (before === undefined || before.kind === "operator" || before.kind === "open");
    if (piece.kind === "operator" && !unary && piece.value !== "^") out += ` ${piece.value} `;
    else if (piece.kind === "function")
      out += pieces[index + 1]?.kind === "open" ? piece.value : `${piece.value}(`;
    else out += piece.value;
    if (before?.kind === "function" && piece.kind !== "open") out += ")";
  }
  return out.trim();
}

/**
 * One linear pass over a JSON text before it is parsed: nesting, number of values, doubled and unsafe names.
 * It never recurses and stops at the first fault, so hostile texts cost no more than honest ones of their length.
 * Grammar is not its business: a text that is no JSON may pass here and fails in JSON.parse.
 */
export type StructureLimits = { depth: number; values: number };

type Container = Set<string> | "array";

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The first fault in words, or undefined. */
export function findStructureFault(text: string, limits: StructureLimits): string | undefined {
  const open: Container[] = [];
  let values = 1;
  let nameNext = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    switch (code) {
      case QUOTE: {
        const end = closingQuote(text, at);
        const names = open.at(-1);
        if (nameNext && names instanceof Set) {
          const fault = addName(names, text.slice(at, end + 1));
          if (fault) return fault;
        }
        nameNext = false;
        at = end;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        nameNext = code === OPEN_OBJECT;
        open.push(nameNext ? new Set() : "array");
        if (open.length > limits.depth) return `nested deeper than ${limits.depth} levels`;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
        nameNext = false;
        break;
      case COMMA:
        values += 1;
        if (values > limits.values) return `more than ${limits.values} values`;
        nameNext = open.at(-1) instanceof Set;
        break;
    }
  }
  return undefined;
}

/** Index of the quote that ends the string begun at `start`; the text's end when none does. */
function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

function addName(names: Set<string>, quoted: string): string | undefined {
  const name = unquote(quoted);
  if (name === undefined) return undefined;
  if (name === "__proto__") return 'the name "__proto__" is not allowed';
  if (names.has(name)) return `the name ${JSON.stringify(name.slice(0, 64))} stands twice in one object`;
  names.add(name);
  return undefined;
}

function unquote(quoted: string): string | undefined {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}

/**
 * Turns the ways people write sums ("17% of 2,400", "square root of 2", "20% off 80") into plain arithmetic.
 * What it does not know it leaves alone; the parser then says what it cannot read.
 */
export function toArithmetic(text: string): string {
  const plain = withoutThousands(text.toLowerCase().normalize("NFKC"));
  return REWRITES.reduce((sum, [pattern, replacement]) => sum.replace(pattern, replacement), plain).trim();
}

// In order: later rows see what earlier ones made. None backtracks over more than one run of characters.
const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/[?=\s]+$/, ""],
  [/^(?:what(?:'s| is)|how much is|calculate|compute|work out|evaluate)\s+/, ""],
  [/[$€£¥](?=[\d.])/g, ""],
  [/[×·∙⋅]/g, "*"],
  [/\*\*/g, "^"],
  [/÷/g, "/"],
  [/[−–—]/g, "-"],
  [/√/g, " sqrt "],
  [/π/g, " pi "],
  [/°|\bdegrees?\b/g, " deg "],
  [/\b(?:percent|per cent|pct)\b/g, "%"],
  [/\bincrease\s+([\d.]+)\s+by\s+([\d.]+)\s*%/g, "($1 * (1 + $2%))"],
  [/\bdecrease\s+([\d.]+)\s+by\s+([\d.]+)\s*%/g, "($1 * (1 - $2%))"],
  [/([\d.]+)\s*%\s*off\s+(?:of\s+)?([\d.]+)/g, "($2 * (1 - $1%))"],
  [/%\s*(?:tip\s+|tax\s+)?(?:of|on)\b/g, "% *"],
  [/\b(?:the\s+)?(?:square root|sqrt)(?:\s+of)?\s*(?=\()/g, "sqrt"],
  [/\b(?:the\s+)?(?:square root|sqrt)(?:\s+of)?\s+([\d.]+)/g, "sqrt($1)"],
  [/\b(?:the\s+)?(?:cube root|cbrt)(?:\s+of)?\s*(?=\()/g, "cbrt"],
  [/\b(?:the\s+)?(?:cube root|cbrt)(?:\s+of)?\s+([\d.]+)/g, "cbrt($1)"],
  [/\bfactorial\s+of\s+([\d.]+)/g, "factorial($1)"],
  [/([\d)])\s+factorial\b/g, "$1!"],
  [/\bhalf\s+of\b/g, "0.5 *"],
  [/\b(?:twice|double)\b/g, "2 *"],
  [/\s+squared\b/g, "^2"],
  [/\s+cubed\b/g, "^3"],
  [/\b(?:raised\s+)?to\s+the\s+power\s+of\b/g, "^"],
  [/\b(?:multiplied\s+by|times)\b/g, "*"],
  [/\b(?:divided\s+by|over)\b/g, "/"],
  [/\bplus\b/g, "+"],
  [/\bminus\b/g, "-"],
  [/\bmodulo\b/g, "mod"],
  [/\bln\b/g, "log"],
  [/\bnthroot\b/g, "nthRoot"],
  [/([\d)%])\s*x\s*(?=[\d(])/g, "$1 * "],
];

const GROUPED = /(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/g;

/** Drops the commas of "2,400", but not those that part the arguments of a function. */
function withoutThousands(text: string): string {
  const inCall = callDepths(text);
  return text.replace(GROUPED, (digits, offset: number) =>
    inCall[offset] ? digits : digits.replaceAll(",", ""),
  );
}

/** For each character, whether it stands between the brackets of a function call. */
function callDepths(text: string): boolean[] {
  const open: boolean[] = [];
  return Array.from({ length: text.length }, (_, at) => {
    if (text[at] === "(")
      open.push(/[a-z0-9]$/i.test(text.slice(Math.max(0, at - 1), at)) || open.at(-1) === true);
    if (text[at] === ")") open.pop();
    return open.at(-1) === true;
  });
}

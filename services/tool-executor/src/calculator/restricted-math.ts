import { createRequire } from "node:module";
import type { ConstantNode, MathNode, OperatorNode, SymbolNode } from "mathjs";
import { type Decimal, display } from "./display.ts";
import { toArithmetic } from "./phrases.ts";

export type Evaluation =
  /** `result` is null where a double cannot hold the value; `display` always says it. */
  { kind: "value"; result: number | null; display: string } | { kind: "refused"; problem: string };

export type Evaluate = (expression: string) => Evaluation;

/** Characters of one expression. */
export const MAX_EXPRESSION = 1000;

const FUNCTIONS = new Set(
  `abs ceil floor round fix sign sqrt cbrt nthRoot exp log log2 log10 pow mod gcd lcm factorial combinations permutations
   sin cos tan asin acos atan atan2 sinh cosh tanh min max sum mean median std variance hypot`.split(/\s+/),
);
const OPERATORS = new Set([
  "add",
  "subtract",
  "multiply",
  "divide",
  "pow",
  "mod",
  "unaryMinus",
  "unaryPlus",
  "factorial",
]);
const CONSTANTS = new Set(["pi", "e", "tau", "phi", "deg"]);
/** Below this, 64 digits hold nothing but rounding: the cosine of a right angle is 0. */
const NOISE_EXPONENT = -60;

/** A calculator of real numbers with 64 digits. An expression may hold numbers, operators and listed functions, nothing else. */
export function createRestrictedMath(): Evaluate {
  // The one-file build: it loads in a tenth of the time that the package's 900 modules take.
  const library = createRequire(import.meta.url)("mathjs/lib/browser/math.js") as typeof import("mathjs");
  const math = library.create(library.all ?? {});
  math.config({ number: "BigNumber", precision: 64, predictable: true });
  const { parse } = math;
  const degree = math.divide(math.bignumber(math.pi), 180);
  disable(math);
  return (expression) => {
    if (expression.length > MAX_EXPRESSION)
      return refused(`the expression is longer than ${MAX_EXPRESSION} characters`);
    try {
      const arithmetic = toArithmetic(expression);
      if (!arithmetic) return refused("there is nothing to calculate");
      const tree = parse(arithmetic);
      const problem = forbidden(tree);
      if (problem) return refused(problem);
      const value: unknown = tree.compile().evaluate(new Map([["deg", degree]]));
      return conclude(value, (candidate) => math.isBigNumber(candidate));
    } catch (error) {
      return refused(
        error instanceof RangeError ? "the expression is nested too deeply" : unreadable(error as Error),
      );
    }
  };
}

/** A second wall behind the list of allowed nodes: what could reach out of the sum is taken away. */
function disable(math: MathInstance): void {
  const names = ["import", "createUnit", "reviver", "evaluate", "parse", "simplify", "derivative", "resolve"];
  const off = () => {
    throw new Error("not available");
  };
  math.import(Object.fromEntries(names.map((name) => [name, off])), { override: true });
}

type MathInstance = ReturnType<typeof import("mathjs").create>;

/** Why a tree may not be evaluated; undefined when it may. */
function forbidden(tree: MathNode): string | undefined {
  let problem: string | undefined;
  tree.traverse((node, _path, parent) => {
    problem ??= forbiddenNode(node, parent);
  });
  return problem;
}

function forbiddenNode(node: MathNode, parent: MathNode | null): string | undefined {
  switch (node.type) {
    case "ParenthesisNode":
      return undefined;
    case "ConstantNode":
      return typeof (node as ConstantNode).value === "object" ||
        typeof (node as ConstantNode).value === "number"
        ? undefined
        : `"${node.toString().slice(0, 40)}" is not a number`;
    case "OperatorNode":
      return OPERATORS.has((node as OperatorNode).fn)
        ? undefined
        : `the operator "${(node as OperatorNode).op}" is not arithmetic`;
    case "FunctionNode":
      return undefined;
    case "SymbolNode":
      return forbiddenName(
        (node as SymbolNode).name,
        parent?.type === "FunctionNode" && "fn" in parent && parent.fn === node,
      );
    default:
      return `"${node.toString().slice(0, 40)}" is not arithmetic`;
  }
}

function forbiddenName(name: string, called: boolean): string | undefined {
  if (called) return FUNCTIONS.has(name) ? undefined : `there is no function "${name.slice(0, 40)}"`;
  return CONSTANTS.has(name) ? undefined : `"${name.slice(0, 40)}" is neither a number nor a known constant`;
}

function conclude(value: unknown, isDecimal: (value: unknown) => boolean): Evaluation {
  if (!isDecimal(value)) return refused("it does not come to one number");
  const decimal = value as Decimal & { isNaN(): boolean; isFinite(): boolean };
  if (decimal.isNaN()) return refused("it has no real value");
  if (!decimal.isFinite()) return refused("it divides by zero or grows beyond all numbers");
  if (decimal.e < NOISE_EXPONENT) return { kind: "value", result: 0, display: "0" };
  const number = Number(decimal.toExponential());
  return { kind: "value", result: Number.isFinite(number) ? number : null, display: display(decimal) };
}

function refused(problem: string): Evaluation {
  return { kind: "refused", problem };
}

function unreadable(error: Error): string {
  return `it cannot be read as arithmetic (${error.message.slice(0, 120)})`;
}

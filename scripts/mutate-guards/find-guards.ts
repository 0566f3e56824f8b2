/** The calls to `guard` in the code of the product, from its syntax tree. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

export type Guard = Readonly<{
  id: string;
  /** Relative to the root. */
  file: string;
  line: number;
  start: number;
  end: number;
  /** What stands in place of the call once it is taken away. */
  without: string;
}>;

/** What stands in place of guards whose absence no product should hold in words. */
const WITHOUT: Readonly<Record<string, string>> = {
  "rpc.claim": "import('jose').then(({ decodeJwt }) => ({ payload: decodeJwt(token) }))",
};

/** @throws Error for a guard without a literal id, and for two with one id. */
export function findGuards(root: string, files: readonly string[]): Guard[] {
  const guards = files.flatMap((file) => guardsIn(file, readFileSync(join(root, file), "utf8")));
  const doubled = guards.find(({ id }, at) => guards.findIndex((other) => other.id === id) !== at);
  if (doubled) throw new Error(`two guards are called ${doubled.id}`);
  return guards;
}

export function guardsIn(file: string, text: string): Guard[] {
  if (!text.includes("runtime/guard") && !text.includes("./guard.ts")) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Guard[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "guard")
      found.push(guardAt(node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function guardAt(call: ts.CallExpression, source: ts.SourceFile): Guard {
  const [id, , without] = call.arguments;
  const line = source.getLineAndCharacterOfPosition(call.getStart(source)).line + 1;
  if (!id || !ts.isStringLiteral(id))
    throw new Error(`${source.fileName}:${line}: a guard's id is a literal string`);
  return {
    id: id.text,
    file: source.fileName,
    line,
    start: call.getStart(source),
    end: call.getEnd(),
    without: WITHOUT[id.text] ?? (without ? `(${without.getText(source)})` : "true"),
  };
}

/** The text of a guard's file as it is without the guard. */
export function taken(text: string, { start, end, without }: Guard): string {
  return text.slice(0, start) + without + text.slice(end);
}

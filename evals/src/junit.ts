import type { CaseResult } from "./run-cases.ts";

/** The results as a JUnit file, one test case each; seconds as the format wants them. */
export function junitXml(results: readonly CaseResult[]): string {
  const failed = results.filter(({ problem }) => problem !== undefined).length;
  const counts = `tests="${results.length}" failures="${failed}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="routing" ${counts}>`,
    ...results.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase({ case: one, got, problem, ms }: CaseResult): string {
  const { action, calls } = one.expect;
  const head = `    <testcase classname="routing.${escaped(one.tags[0] ?? "")}" name="${escaped(one.id)}" time="${(ms / 1000).toFixed(6)}"`;
  if (problem === undefined) return `${head}/>`;
  const detail = `expected ${JSON.stringify({ action, calls })}\ngot ${JSON.stringify(got)}`;
  return `${head}><failure message="${escaped(problem)}">${escaped(detail)}</failure></testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML 1.0 has no place for most control characters, however they are written. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to leave out
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
  return allowed.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}

const MOST_LINES = 25;
/** What every page tells, in this order. */
const PARTS = ["**When you see it.** ", "**Cause.** ", "**Fix.**"];

/** Each code has its page docs/errors/CODE.md, headed by code and title, and each page its code. */
export function errorPageFaults(
  catalog: Readonly<Record<string, string>>,
  pages: ReadonlyMap<string, string>,
): string[] {
  const codes = Object.entries(catalog);
  if (codes.length === 0 || pages.size === 0) return ["no error code or no page was seen"];
  const missing = codes
    .filter(([code]) => !pages.has(`${code}.md`))
    .map(([code, title]) => `docs/errors/${code}.md is missing (${title})`);
  return [...missing, ...[...pages].flatMap(([name, text]) => pageFaults(name, text, catalog))];
}

function pageFaults(name: string, text: string, catalog: Readonly<Record<string, string>>): string[] {
  const code = name.replace(/\.md$/, "");
  const title = catalog[code];
  if (title === undefined) return [`docs/errors/${name} explains a code that does not exist`];
  const faults: string[] = [];
  const lines = text.trimEnd().split("\n");
  const heading = `# ${code}: ${title}`;
  if (lines[0] !== heading) faults.push(`docs/errors/${name} is headed "${lines[0]}": expected "${heading}"`);
  if (lines.length > MOST_LINES)
    faults.push(`docs/errors/${name} has ${lines.length} lines: at most ${MOST_LINES}`);
  const parts = lines.filter((line) => PARTS.some((part) => line.startsWith(part)));
  if (parts.length !== PARTS.length || !PARTS.every((part, at) => parts[at]?.startsWith(part)))
    faults.push(`docs/errors/${name} does not tell ${PARTS.join("… ")}…, once each and in this order`);
  return faults;
}

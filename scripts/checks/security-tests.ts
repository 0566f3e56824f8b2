const TABLE_ROWS = /^\|.*\|$/gm;
const TESTS = /`([^`]+\.test\.ts)`/g;

/** Every defence on the page names tests, and tests that are there. */
export function securityTestFaults(page: string, files: ReadonlyMap<string, string>): string[] {
  const [, defences = ""] = page.split(/^## Defences.*$/m);
  const [table = ""] = defences.split(/^## /m);
  // Beside the two lines of its head.
  const rows = (table.match(TABLE_ROWS) ?? []).slice(2);
  if (rows.length === 0) return ["docs/security.md names no defence"];
  return rows.flatMap((row) => {
    const tests = [...row.matchAll(TESTS)].flatMap(([, path]) => (path === undefined ? [] : [path]));
    if (tests.length === 0) return [`docs/security.md shows nothing for: ${row}`];
    return tests
      .filter((path) => !files.has(path))
      .map((path) => `docs/security.md names ${path}, which is not there`);
  });
}

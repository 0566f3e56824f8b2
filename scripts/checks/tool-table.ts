/** A tool as far as its row in docs/api.md tells of it. */
export type TabledTool = Readonly<{
  name: string;
  effect: string;
  takes: readonly string[];
  gives: readonly string[];
}>;

/** docs/api.md has one row a built-in tool, `| name | effect | takes | gives |`, which names every argument and result. */
export function toolTableFaults(page: string, tools: readonly TabledTool[]): string[] {
  if (tools.length === 0) return ["no built-in tool was seen"];
  const rows = new Map(
    page.split("\n").map((line) => {
      const [, name = "", effect = "", takes = "", gives = ""] = line
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim());
      return [name, { effect, takes, gives }];
    }),
  );
  return tools.flatMap(({ name, effect, takes, gives }) => {
    const row = rows.get(`\`${name}\``);
    if (!row) return [`docs/api.md has no row for the built-in tool ${name}`];
    const missing = [
      ...(row.effect === effect ? [] : [effect]),
      ...takes.filter((field) => !names(row.takes, field)),
      ...gives.filter((field) => !names(row.gives, field)),
    ];
    return missing.map((what) => `docs/api.md does not name ${what} in the row of ${name}`);
  });
}

function names(cell: string, field: string): boolean {
  return new RegExp(`\\b${field}\\b`).test(cell);
}

/** Pages made from the code hold what the code makes now. */
export function stalePageFaults(
  expected: ReadonlyMap<string, string>,
  read: (path: string) => string | undefined,
): string[] {
  if (expected.size === 0) return ["no generated page was seen"];
  return [...expected].flatMap(([path, text]) => {
    const found = read(path);
    if (found === text) return [];
    return [
      `${path} ${found === undefined ? "is missing" : `differs from the code in line ${firstDifference(text, found)}`}: npm run docs`,
    ];
  });
}

function firstDifference(left: string, right: string): number {
  const lines = right.split("\n");
  const index = left.split("\n").findIndex((line, number) => line !== lines[number]);
  return (index === -1 ? left.split("\n").length : index) + 1;
}

/** Read from the environment by custom of the platform, not by ours. */
const FOREIGN =
  /^(CI|NO_COLOR|TERM|PATH|NODE_ENV|HOME|TMPDIR|OTEL_\w+|TSX_TSCONFIG_PATH|FORERUN_(DATA|MODELS)_DIR)$/;
const READ = /\benv(?:ironment)?(?:\.|\[")([A-Z][A-Z0-9_]+)\b/g;

/** Variables that sources read and docs/configuration.md does not know, since it is made from the known ones. */
export function unknownVariableFaults(
  sources: ReadonlyMap<string, string>,
  known: readonly string[],
): string[] {
  const names = new Set(known);
  const seen = [...sources].flatMap(([path, text]) =>
    [...text.matchAll(READ)].map((match) => ({ path, name: match[1] ?? "" })),
  );
  if (seen.length === 0) return ["no source that reads a variable was seen"];
  return seen
    .filter(({ name }) => !names.has(name) && !FOREIGN.test(name))
    .map(
      ({ path, name }) => `${path} reads ${name}, which packages/runtime/src/environment.ts does not name`,
    );
}

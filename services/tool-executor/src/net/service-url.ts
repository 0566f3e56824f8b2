/**
 * The address of one request: a base without a path gets the service's usual one, a base with a path is taken as it is. Query
 * values that are undefined are left out.
 */
export function serviceUrl(
  base: string,
  usualPath: string,
  query: Readonly<Record<string, string | number | undefined>>,
): URL {
  const url = new URL(base);
  if (url.pathname === "/") url.pathname = usualPath;
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

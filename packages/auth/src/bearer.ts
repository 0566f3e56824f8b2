/** The token of an Authorization header, as all its values came: undefined unless there is one, and of the Bearer scheme. */
export function bearerToken(values: readonly string[]): string | undefined {
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) return undefined;
  return /^bearer +([^\s,]+)$/i.exec(value)?.[1];
}

type Schema = { [key: string]: unknown };

/**
 * A custom resource's schema as JSON Schema in which a field that is not named is an error: the cluster would drop it silently. What
 * keeps fields that it does not name stays open, as does `metadata`, which the cluster checks by itself.
 */
export function strictly(schema: unknown): Schema {
  const { properties, items, additionalProperties, ...rest } = schema as Schema;
  const open = rest["x-kubernetes-preserve-unknown-fields"] === true;
  const inner = Object.entries((properties ?? {}) as Schema).map(([name, field]) => [name, strictly(field)]);
  return {
    ...rest,
    ...(inner.length > 0 && { properties: Object.fromEntries(inner) as Schema }),
    ...(items !== undefined && { items: strictly(items) }),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: strictly(additionalProperties) }
      : inner.length > 0 && !open && { additionalProperties: false }),
  };
}

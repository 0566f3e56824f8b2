import { z } from "zod";

/** Names of the keys that a schema knows at a path, for suggestions and explanations. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const inner = path.reduce<z.ZodType | undefined>(
    (current, key) => current && descend(current, key),
    schema,
  );
  const mapping = inner && unwrap(inner);
  return mapping instanceof z.ZodObject ? Object.keys(mapping.shape) : [];
}

/** The schema below one key: of a mapping, a list or a record. */
export function descend(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  const current = unwrap(schema);
  if (current instanceof z.ZodArray) return current.element as z.ZodType;
  if (current instanceof z.ZodRecord) return current.valueType as z.ZodType;
  if (!(current instanceof z.ZodObject)) return undefined;
  const shape: Record<string, z.ZodType> = current.shape;
  const known = shape[String(key)];
  if (known) return known;
  const free = current.def.catchall as z.ZodType | undefined;
  // A strict mapping takes "never" for any other key.
  return free instanceof z.ZodNever ? undefined : free;
}

/** What is inside defaults and optionals, and before transforms. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let current = schema;
  for (;;) {
    if (
      current instanceof z.ZodOptional ||
      current instanceof z.ZodDefault ||
      current instanceof z.ZodPrefault
    ) {
      current = current.def.innerType as z.ZodType;
    } else if (current instanceof z.ZodPipe) {
      current = current.def.in as z.ZodType;
    } else return current;
  }
}

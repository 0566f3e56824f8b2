import { expectation } from "@forerun/runtime/config-fault";
import { z } from "zod";

/** The default of a setting as a person would write it; undefined when it has none. */
export function defaultOf(schema: z.ZodType): unknown {
  for (const layer of layers(schema)) {
    if (layer instanceof z.ZodDefault || layer instanceof z.ZodPrefault) return layer.def.defaultValue;
  }
  return undefined;
}

/** What a setting is for, in one sentence. */
export function describeSchema(schema: z.ZodType): string {
  for (const layer of layers(schema)) if (layer.description) return layer.description;
  return "";
}

/** What its values look like, for example "a port from 0 to 65535": what the schema answers to something it cannot take. */
export function kindOf(schema: z.ZodType): string {
  const issue = schema.safeParse(Symbol("no value of any setting")).error?.issues[0];
  return issue ? expectation(issue).replace(/^expected /, "") : "anything";
}

/** A schema and what it wraps, outermost first. */
function* layers(schema: z.ZodType): Generator<z.ZodType> {
  let current: z.ZodType | undefined = schema;
  while (current) {
    yield current;
    if (current instanceof z.ZodPipe) current = current.def.in as z.ZodType;
    else if (
      current instanceof z.ZodOptional ||
      current instanceof z.ZodDefault ||
      current instanceof z.ZodPrefault
    ) {
      current = current.def.innerType as z.ZodType;
    } else current = undefined;
  }
}

/** A message of Envoy's that stands in a field for any message: its fields, and which type they are of. */
export function typed(type: string, fields: object = {}): object {
  return { "@type": `type.googleapis.com/envoy.${type}`, ...fields };
}

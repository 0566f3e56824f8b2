/** A setting's value in a line of text; "–" when it is not set. */
export function settingValue(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A tool's name as words: `get_weather` is "get weather". */
export function spokenName(name: string): string {
  return name.replace(/[_-]+/g, " ").trim();
}

/** Seconds as protobuf's JSON writes a duration. */
export function duration(seconds: number): string {
  return `${seconds}s`;
}

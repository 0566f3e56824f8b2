export type Progress = {
  done: number;
  of: number;
  /** `performance.now()` when it began. */
  begun: number;
  unit: string;
};

const BAR_WIDTH = 24;

/** `██████░░░░  12/40 files  3.1 files/s` */
export function progressLine({ done, of, begun, unit }: Progress, now: number = performance.now()): string {
  const filled = of === 0 ? BAR_WIDTH : Math.round((done / of) * BAR_WIDTH);
  const seconds = (now - begun) / 1_000;
  const rate = seconds > 0.2 ? `  ${(done / seconds).toFixed(1)} ${unit}/s` : "";
  return `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}  ${done}/${of} ${unit}${rate}`;
}

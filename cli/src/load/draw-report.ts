import type { LoadReport, Percentiles } from "./tally.ts";

/** The report for a person. */
export function drawReport(report: LoadReport): string[] {
  const { early } = report;
  return [
    row("turns", `${report.turns} in ${report.seconds} s, ${report.turns_per_second} a second`),
    row("completed", String(report.completed)),
    ...(report.incomplete > 0 ? [row("incomplete", String(report.incomplete))] : []),
    ...counts("failed", report.failed),
    ...counts("refused", report.refused),
    ...(report.not_sent > 0 ? [row("not sent", `${report.not_sent}: too many were under way`)] : []),
    row("first word", percentiles(report.first_text_ms)),
    row("whole turn", percentiles(report.turn_ms)),
    row(
      "early calls",
      early.hit_rate === null
        ? "none"
        : `${early.used} of ${early.started} used (${Math.round(early.hit_rate * 100)} %)`,
    ),
  ];
}

function row(name: string, value: string): string {
  return `${name.padEnd(13)}${value}`;
}

function counts(name: string, codes: Readonly<Record<string, number>>): string[] {
  return Object.entries(codes).map(([code, count]) => row(name, `${count} ${code}`));
}

function percentiles({ p50, p95, p99, max }: Percentiles): string {
  if (p50 === null) return "none";
  return `p50 ${p50} ms, p95 ${p95}, p99 ${p99}, max ${max}`;
}

/** What a fault run found. `violations` is empty when every promise held. */
export type FaultReport = {
  rows: readonly Record<string, string | number>[];
  violations: readonly string[];
};

/** A fault that can be brought about again and again, on a real server. */
export type Fault = {
  /** One line for the help text. */
  title: string;
  /** Brings it about `times` times at each of its points; `say` tells how far it is. */
  run(times: number, say: (line: string) => void): Promise<FaultReport>;
};

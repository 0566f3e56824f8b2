/** What one check of the machine found. `fix` is empty when there is nothing to mend. */
export type Finding = { check: string; ok: boolean; detail: string; fix: string };

export function fine(check: string, detail: string): Finding {
  return { check, ok: true, detail, fix: "" };
}

export function wrong(check: string, detail: string, fix: string): Finding {
  return { check, ok: false, detail, fix };
}

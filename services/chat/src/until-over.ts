/**
 * Holds the last step of a call back until the call is over: its reader leaves with that step, and to leave a call that is not
 * over is to cancel it. A call that breaks off behind its last step has done its work; the first last step counts.
 */
export async function* untilOver<Step>(
  steps: AsyncIterable<Step>,
  isLast: (step: Step) => boolean,
): AsyncGenerator<Step> {
  let last: Step | undefined;
  try {
    for await (const step of steps) {
      if (last === undefined && isLast(step)) last = step;
      else if (last === undefined) yield step;
    }
  } catch (fault) {
    if (last === undefined) throw fault;
  }
  if (last !== undefined) yield last;
}

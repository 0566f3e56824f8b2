/** The work of one turn: look up and route at once, run the tools side by side, write the answer, end exactly once. */
import { LinkedAbort } from "@forerun/runtime/linked-abort";
import { ATTRIBUTES, SPANS } from "@forerun/telemetry/names";
import { endingOf, type StopReason } from "./ending.ts";
import { CallIds } from "./plan/call-ids.ts";
import { droppedCalls } from "./resume-round.ts";
import { Fenced } from "./scribe.ts";
import type { Expectations } from "./speculation/expectations.ts";
import { generateAhead, mayAnswerAhead, openAnswerAhead } from "./speculation/open-answer-ahead.ts";
import { openSpeculator } from "./speculation/open-speculator.ts";
import { type Findings, takeRounds } from "./take-rounds.ts";
import { type Ending, NO_USAGE, type Snippet, type Turn } from "./turn.ts";
import type { TurnEventBody } from "./turn-event.ts";
import { type DriveDeps, scopeOf, type Work } from "./turn-work.ts";
import { addUsage, usageEvents } from "./usage.ts";
import { sayAgain, writeAnswer } from "./write-answer.ts";

/** Snippets that go to the answer. */
const SNIPPETS = 5;

/**
 * Drives an accepted turn to its end, from where its log stands, and returns it; `undefined` when another owner took it over.
 * `stop` ends the turn with the reason it carries; the lease's deadline ends it too.
 */
export async function driveTurn(
  { job, progress, scribe, quota }: Pick<Work, "job" | "progress" | "scribe"> & Partial<Pick<Work, "quota">>,
  deps: DriveDeps,
  stop: AbortSignal,
): Promise<Turn | undefined> {
  const { span } = job;
  // Ends the siblings of whatever fails first, and everything once the turn has ended.
  using work = new LinkedAbort(stop);
  const { signal } = work;
  let late = false;
  const left = Math.max(0, job.lease.deadline.getTime() - deps.now().getTime());
  const timer = setTimeout(() => {
    late = true;
    work.abort(new DOMException("the turn's time is over", "TimeoutError"));
  }, left);
  try {
    const ids = new CallIds(progress.callIds);
    const ahead = openAnswerAhead(job, deps, signal);
    const speculator = openSpeculator({ job, deps, signal, quota, ids, ahead });
    const turn = { job, progress, scribe, deps, signal, quota, ids, speculator, ahead };
    const ending = await answerTurn(turn).catch((fault: unknown) => {
      if (stop.reason instanceof Fenced) throw stop.reason;
      const stopped = stop.aborted ? (stop.reason as StopReason) : late ? "deadline" : undefined;
      return endingOf(fault, stopped, scribe.turn.text !== "", deps.log);
    });
    work[Symbol.dispose]();
    // What was begun early in a turn that ended without a decision, and what nobody waited to hear the cost of.
    const used = addUsage(ahead.discard(), quota?.unaccounted() ?? NO_USAGE);
    const unclaimed = [...speculator.discard(), ...usageEvents(scribe.turn, used)];
    if (unclaimed.length > 0) await scribe.stream("gather", ...unclaimed);
    const finishing = deps.tracer.start(SPANS.finish, span.traceparent);
    const ended = await scribe.finish(ending, deps.now());
    finishing.end();
    learn(ended, deps.expectations);
    span.setAttributes({ [ATTRIBUTES.state]: ended.state });
    span.end(ended.state === "failed" ? "error" : "ok");
    return ended;
  } catch (fault) {
    span.end("error");
    if (fault instanceof Fenced) return undefined;
    throw fault;
  } finally {
    clearTimeout(timer);
  }
}

async function answerTurn(work: Work): Promise<Ending> {
  await work.scribe.stream("now", ...openingEvents(work));
  work.signal.throwIfAborted();
  if (work.progress.answer) return sayAgain(work, work.progress.answer);
  // With tools of its own the client drives: the model sees what the client sent, and nothing of this server's.
  if (work.job.clientTools) return writeAnswer(work, { decision: undefined, records: [] }, []);
  const { snippets: found } = work.progress;
  const searching = found ? Promise.resolve(found) : search(work);
  searching.catch(() => {});
  if (mayAnswerAhead(work)) work.ahead.allow((...early) => generateAhead(work, searching, ...early));
  // Awaited first, so that what a stop leaves of the calls is recorded before the turn ends.
  const findings = await takeRounds(work);
  const snippets = await searching;
  const [ending] = await Promise.all([writeAnswer(work, findings, snippets), commitEarly(work, findings)]);
  return ending;
}

/**
 * What the log says first: all of it for a new turn, that its work begins for one that had to wait. A turn that another owner has
 * begun starts from a clean page: what was written of its answer, and early calls nobody awaits, are gone.
 */
function openingEvents({ job, progress }: Work): TurnEventBody[] {
  const { turn } = progress;
  const announced = turn.lastSequence > 0;
  const events: TurnEventBody[] =
    job.lease.epoch > 1 ? [{ kind: "outputReset" }, ...droppedCalls(progress)] : [];
  if (!announced) events.push({ kind: "turnCreated", turn });
  if (!announced || turn.state === "queued") {
    events.push({ kind: "turnInProgress", turn: { ...turn, state: "in_progress" } });
  }
  return events;
}

/** Early results that the decision asked for may now be used by others too. */
async function commitEarly(work: Work, { records }: Findings): Promise<void> {
  const decided = records.filter(
    ({ outcome, reused }) => !reused && (outcome === "hit" || outcome === "late"),
  );
  const callIds = decided.map(({ call }) => call.callId);
  await work.deps.collaborators.commit(work.job.lease.turnId, callIds, scopeOf(work));
}

/** Retrieval helps an answer but is not owed to it: when it fails the turn goes on without. */
async function search(work: Work): Promise<Snippet[]> {
  const span = work.deps.tracer.start(SPANS.memorySearch, work.job.span.traceparent);
  try {
    const snippets = await work.deps.collaborators.search(work.job.text, SNIPPETS, scopeOf(work, span));
    if (snippets.length > 0) await work.scribe.stream("gather", { kind: "memoryRetrieved", snippets });
    span.end();
    return snippets;
  } catch (fault) {
    span.end(work.signal.aborted ? "ok" : "error");
    if (fault instanceof Fenced || work.signal.aborted) throw fault;
    work.deps.log.warn({ err: fault }, "retrieval failed; the turn goes on without");
    return [];
  }
}

/** Every call that ran to its end tells how long its tool takes. */
function learn({ toolCalls }: Turn, expectations: Expectations): void {
  for (const { call, outcome, startMs, endMs, reused } of toolCalls) {
    if (!reused && outcome !== "denied" && outcome !== "cancelled")
      expectations.toolTook(call.name, endMs - startMs);
  }
}

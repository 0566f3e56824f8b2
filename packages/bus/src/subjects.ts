import { guard } from "@forerun/runtime/guard";
import { nameToken, type Subject, type SubjectPattern, subject, subjectPattern } from "./subject.ts";

/** The subjects of one deployment; `lane` is the queue class of a tenant. */
export type Subjects = Readonly<{
  /** Calls of one tool; executors of the lane take them as one queue group. */
  toolCall(tool: string): Subject;
  toolCalls: SubjectPattern;
  /** Where the answers to one turn's calls come back, at the process that drives it. */
  inbox(turn: string, owner: string): Subject;
  inboxes(owner: string): SubjectPattern;
  /** Cancels of tool calls: every executor of the lane hears them. */
  cancel: Subject;
  /** Early calls that were decided for: every executor of the lane hears of them. */
  commit: Subject;
  /** What a turn's owner writes, for those who read it on other replicas. */
  live(tenant: string, turn: string): Subject;
  /** Requests to one chat replica about the turns that it drives. */
  owner(replica: string): Subject;
}>;

/**
 * `fr.<env>.<lane>.tool.<tool>.call`, `fr.<env>.<lane>.cancel`, `fr.<env>.<lane>.commit`,
 * `fr.<env>.inbox.<turn>.<owner>`, `fr.<env>.live.<tenant>.<turn>`, `fr.<env>.owner.<replica>`.
 */
export function subjectsOf({ env, lane }: { env: string; lane: string }): Subjects {
  const root = ["fr", nameToken(env)];
  const ofLane = [...root, nameToken(lane)];
  return {
    toolCall: (tool) => subject(...ofLane, "tool", nameToken(tool), "call"),
    toolCalls: subjectPattern(...ofLane, "tool", "*", "call"),
    inbox: (turn, owner) => subject(...root, "inbox", nameToken(turn), nameToken(owner)),
    inboxes: (owner) => subjectPattern(...root, "inbox", "*", nameToken(owner)),
    cancel: subject(...ofLane, "cancel"),
    commit: subject(...ofLane, "commit"),
    live: (tenant, turn) =>
      subject(...root, "live", guard("bus.live.tenant", nameToken(tenant), "any"), nameToken(turn)),
    owner: (replica) => subject(...root, "owner", nameToken(replica)),
  };
}

export type SubjectKind = "tool" | "cancel" | "commit" | "inbox" | "live" | "owner" | "other";

/** What a subject of ours is for. */
export function kindOf(subject: string): SubjectKind {
  const [, , third = "", fourth = ""] = subject.split(".");
  return OF_DEPLOYMENT.find((kind) => kind === third) ?? OF_LANE.find((kind) => kind === fourth) ?? "other";
}

const OF_DEPLOYMENT = ["inbox", "live", "owner"] as const;
const OF_LANE = ["tool", "cancel", "commit"] as const;

import type { SubjectPattern } from "./subject.ts";

/** Why a message got lost here. */
export type DropReason =
  /** Published while no broker was connected, or while what waited to be sent had reached its bound. */
  | "disconnected"
  | "backlog"
  /** Its reader was too slow. */
  | "slow_reader"
  /** It cannot be read as what it should be. */
  | "undecodable";

/** What befalls a bus, for logs and metrics. No content, no credentials. */
export type BusEvent =
  | Readonly<{ kind: "connected" }>
  /** In words, why the connection ended or could not be made. */
  | Readonly<{ kind: "disconnected"; why: string }>
  | Readonly<{ kind: "dropped"; reason: DropReason; on: SubjectPattern }>
  /** The broker does not allow this process to publish or listen there. */
  | Readonly<{ kind: "refused"; operation: string; subject: string }>;

export type BusObserver = (event: BusEvent) => void;

/** Why some events of a turn are not to be had: older than events are kept, or bytes that no version of the program wrote so. */
export type GapCause = "expired" | "unreadable";

/** A reader, or who ends a turn in its owner's stead, met such a gap. */
export type OnGap = (cause: GapCause, turnId: string) => void;

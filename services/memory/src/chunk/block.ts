/** A piece of a document that belongs together; [start, end) are UTF-16 offsets, without the blank lines around it. */
export type Block =
  | { kind: "heading"; start: number; end: number; level: number; title: string }
  | { kind: "prose"; start: number; end: number }
  | { kind: "code"; start: number; end: number };

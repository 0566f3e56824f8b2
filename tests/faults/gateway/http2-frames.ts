/** HTTP/2 as bytes (RFC 9113, HPACK of RFC 7541), for those who do not keep to it. */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const TYPES = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, PING: 6, CONTINUATION: 9 } as const;
export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;
const CANCEL = 8;

export function frame(
  type: keyof typeof TYPES,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(TYPES[type], 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function settings(): Buffer {
  return frame("SETTINGS", 0, 0);
}

export function reset(stream: number): Buffer {
  const reason = Buffer.alloc(4);
  reason.writeUInt32BE(CANCEL);
  return frame("RST_STREAM", 0, stream, reason);
}

/** Header fields as literals that no table keeps. */
export function headerBlock(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(fields).flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]),
  );
}

/** A field that the table keeps, and so many references to it, of one byte each. */
export function bomb(value: string, references: number): Buffer {
  const FIRST_OF_THE_TABLE = 0x80 | 62;
  return Buffer.concat([
    Buffer.of(0x40),
    text("x-bomb"),
    text(value),
    Buffer.alloc(references, FIRST_OF_THE_TABLE),
  ]);
}

/** A string that is not compressed, after its length (7-bit prefix). */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([length(bytes.length), bytes]);
}

function length(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

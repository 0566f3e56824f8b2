import { configureTextEncoding, getTextEncoding } from "@bufbuild/protobuf/wire";

/**
 * Makes protobuf hand on every text as it was sent. Its own decoder takes U+FEFF at the start of a field for a byte order mark
 * and drops it; a field has no byte order. Applies to the whole process, which all servers and clients of ours want alike.
 */
export function readTextExactly(): void {
  const before = getTextEncoding();
  if (EXACT in before) return;
  const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
  const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
  const exact: typeof before & { [EXACT]: true } = {
    ...before,
    decodeUtf8: (bytes, isStrict) => (isStrict ? strict : lenient).decode(bytes),
    [EXACT]: true,
  };
  configureTextEncoding(exact);
}

const EXACT: unique symbol = Symbol.for("forerun.exact-text");

import { connect } from "node:net";

/** The request that must not be seen behind the gateway. */
export const SMUGGLED = "/v1/smuggled";

const INNER = `GET ${SMUGGLED} HTTP/1.1\r\nhost: gateway\r\n\r\n`;
const CHUNKS_THEN_INNER = `0\r\n\r\n${INNER}`;
/** So long as the chunk that ends a body: a reader that goes by it takes what follows for the next request. */
const LENGTH = String(CHUNKS_THEN_INNER.length);

/** Heads of which two readers may make two different things, each before a body that would then hold a request. */
export const AMBIGUOUS: Readonly<Record<string, readonly string[]>> = {
  "length and chunks": [`content-length: ${LENGTH}`, "transfer-encoding: chunked"],
  "chunks and a short length": ["transfer-encoding: chunked", "content-length: 4"],
  "two lengths": ["content-length: 5", `content-length: ${LENGTH}`],
  "a list of lengths": [`content-length: 5, ${LENGTH}`],
  "a signed length": ["content-length: +5"],
  "a negative length": ["content-length: -1"],
  "a hexadecimal length": ["content-length: 0x5"],
  "a length with a space before the colon": ["content-length : 5"],
  "chunks behind a space": ["transfer-encoding : chunked", "content-length: 5"],
  "chunks behind a tab": ["transfer-encoding:\tchunked", "content-length: 5"],
  "chunks that are not the last coding": ["transfer-encoding: chunked, identity", "content-length: 5"],
  "an unknown coding": ["transfer-encoding: xchunked", "content-length: 5"],
  "two codings": ["transfer-encoding: identity", "transfer-encoding: chunked", "content-length: 5"],
  "a folded coding": ["transfer-encoding:\r\n chunked", "content-length: 5"],
  "a coding behind a bare line feed": ["x-a: b\ntransfer-encoding: chunked", "content-length: 5"],
  "a coding behind a bare carriage return": ["x-a: b\rtransfer-encoding: chunked", "content-length: 5"],
  "a NUL in a coding": ["transfer-encoding: chunked\0", "content-length: 5"],
  "an underscore for a dash": ["content_length: 5", "transfer_encoding: chunked"],
  "a length named by Connection": ["connection: content-length", "content-length: 5"],
};

/** Sends one of them, and what came back in status lines until the other side closed or fell silent. */
export async function smuggle(port: number, token: string, lines: readonly string[]): Promise<number[]> {
  const head = ["POST /chat HTTP/1.1", "host: gateway", `authorization: Bearer ${token}`, ...lines];
  const answer = await exchange(port, `${head.join("\r\n")}\r\n\r\n${CHUNKS_THEN_INNER}`);
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

const SILENT_MS = 500;

function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from(bytes, "latin1")));
    socket.setTimeout(SILENT_MS, () => socket.destroy());
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.once("close", () => resolve(answer));
  });
}

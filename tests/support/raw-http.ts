import { once } from "node:events";
import { connect } from "node:net";

export type RawAnswer = { status: number; body: string };

/** A GET with Authorization headers of whatever bytes, which clients would not send. Status 0: closed without an answer. */
export async function getWith(
  port: number,
  path: string,
  authorization: readonly string[],
): Promise<RawAnswer> {
  const socket = connect(port, "127.0.0.1");
  const closed = once(socket, "close");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    // A server waits a while for its peer to close.
    if (isWhole(text)) socket.end();
  });
  // A peer that closes before it has read all is an answer too.
  socket.on("error", () => {});
  const headers = authorization.map((value) => `authorization: ${value}\r\n`).join("");
  socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n${headers}\r\n`);
  await closed;
  const [head = "", ...rest] = text.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), body: rest.join("\r\n\r\n") };
}

/** Whether it is an answer that says its length, to its last byte of ASCII. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1];
  return end >= 0 && length !== undefined && text.length - end - 4 >= Number(length);
}

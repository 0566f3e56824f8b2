import { createServer, type Socket } from "node:net";
import type { PGlite } from "@electric-sql/pglite";
import { frontendRounds } from "./frontend-rounds.ts";

/**
 * Serves a PGlite on a Unix socket. All messages that have come run in one call of the engine and are answered in one write:
 * message by message, the socket costs more than the SQL. There is one session, hence one connection at a time; a further one
 * waits until the one before it is closed.
 */
export async function serveProtocol(db: PGlite, path: string): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  let turn: Promise<void> = Promise.resolve();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    // A client that breaks off is told to the reader of its messages, who may be waiting for the turn.
    socket.on("error", () => {});
    turn = turn.then(() => serveConnection(db, socket)).catch(endThread);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
      await turn;
    },
  };
}

async function serveConnection(db: PGlite, socket: Socket): Promise<void> {
  const rounds = frontendRounds(socket);
  for (;;) {
    const round = await rounds.next().catch(() => undefined);
    if (!round || round.done) break;
    const answer = await run(db, round.value);
    if (socket.writable) socket.write(answer);
  }
  socket.destroySoon();
  if (db.isInTransaction()) await db.exec("rollback");
}

async function run(db: PGlite, messages: Uint8Array): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  // The bytes are a view into the engine's memory, which the next message overwrites.
  const onRawData = (data: Uint8Array) => void parts.push(data.slice());
  await db.runExclusive(() => db.execProtocolRawStream(messages, { onRawData }));
  return parts.length === 1 && parts[0] ? Buffer.from(parts[0].buffer) : Buffer.concat(parts);
}

/** SQL errors travel in the protocol; a message that throws has hit a trap of the engine, which then answers nothing any more. */
function endThread(trap: unknown): void {
  setImmediate(() => {
    throw trap;
  });
}

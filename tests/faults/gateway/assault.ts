import { connect, type Socket } from "node:net";

/** Clients that mean harm: how each of them begins, and what it goes on sending for as long as it may. */
export type Assault = {
  name: string;
  sockets: number;
  opening: Buffer;
  more?: () => Buffer;
  everyMs: number;
  /** Whether it takes what is sent to it. */
  reads: boolean;
};

export type Outcome = { opened: number; closed: number; slowestMs: number };

/** Carries it out until the other side has closed every socket, or for so long. */
export async function carryOut(assault: Assault, port: number, withinMs: number): Promise<Outcome> {
  const began = performance.now();
  const ends = await Promise.all(
    Array.from({ length: assault.sockets }, async () => {
      const closed = await one(assault, port, withinMs);
      return { closed, ms: performance.now() - began };
    }),
  );
  return {
    opened: assault.sockets,
    closed: ends.filter(({ closed }) => closed).length,
    slowestMs: Math.round(Math.max(...ends.map(({ ms }) => ms))),
  };
}

/** True when the other side closed it. */
function one({ opening, more, everyMs, reads }: Assault, port: number, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const timer = more && setInterval(() => send(socket, more), everyMs);
    const end = (closed: boolean) => {
      clearInterval(timer);
      clearTimeout(over);
      socket.destroy();
      resolve(closed);
    };
    const over = setTimeout(end, withinMs, false);
    socket.once("connect", () => socket.write(opening));
    // A reset is a close too.
    socket.on("error", () => {});
    socket.once("close", () => end(true));
    socket.once("end", () => end(true));
    if (reads) socket.resume();
  });
}

/** What the other side does not take is not piled up here. */
function send(socket: Socket, more: () => Buffer): void {
  if (socket.writable && !socket.writableNeedDrain) socket.write(more());
}

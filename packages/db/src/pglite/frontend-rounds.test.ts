import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { frontendRounds } from "./frontend-rounds.ts";

const PROTOCOL_3 = 196608;
const SSL_REQUEST = 80877103;

function packet(code: number, body = ""): Buffer {
  const bytes = Buffer.alloc(8 + body.length);
  bytes.writeInt32BE(bytes.length, 0);
  bytes.writeInt32BE(code, 4);
  bytes.write(body, 8);
  return bytes;
}

function message(type: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(type, 0);
  bytes.writeInt32BE(bytes.length - 1, 1);
  bytes.write(body, 5);
  return bytes;
}

/** What the engine gets when a client's bytes come in these pieces, and what the client is told meanwhile. */
async function roundsOf(pieces: readonly Buffer[]) {
  const told: string[] = [];
  const socket = new Duplex({
    read() {},
    write: (data: Buffer, _encoding, done) => {
      told.push(data.toString("latin1"));
      done();
    },
  });
  for (const piece of [...pieces, null]) socket.push(piece);
  const rounds: Buffer[] = [];
  for await (const round of frontendRounds(socket as Socket)) rounds.push(Buffer.from(round));
  return { rounds, told };
}

const OPENING = [packet(SSL_REQUEST), packet(PROTOCOL_3, "user\0app\0\0")];
const MESSAGES = [message("P", "\0select 1\0\0\0"), message("E", ""), message("S", "")];
const LEAVE = message("X", "");

it("gives the engine the same bytes wherever a client's bytes are cut, and never the leave-taking", async () => {
  const sent = Buffer.concat([...OPENING, ...MESSAGES, LEAVE]);
  const expected = Buffer.concat([packet(PROTOCOL_3, "user\0app\0\0"), ...MESSAGES]);
  for (let cut = 1; cut < sent.length; cut++) {
    const { rounds, told } = await roundsOf([sent.subarray(0, cut), sent.subarray(cut)]);
    expect([cut, Buffer.concat(rounds)]).toEqual([cut, expected]);
    expect(told).toEqual(["N"]);
  }
});

it("gathers all messages that have come whole into one round", async () => {
  const { rounds } = await roundsOf([...OPENING, Buffer.concat(MESSAGES)]);
  expect(rounds).toEqual([OPENING[1], Buffer.concat(MESSAGES)]);
});

it("holds back a message until its end has come", async () => {
  const whole = Buffer.concat(MESSAGES);
  const { rounds } = await roundsOf([...OPENING, whole.subarray(0, whole.length - 2)]);
  expect(rounds).toEqual([OPENING[1], Buffer.concat(MESSAGES.slice(0, 2))]);
});

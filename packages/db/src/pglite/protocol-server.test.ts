import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { DisposalStack } from "@forerun/runtime/disposal";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { BatchingSocket } from "../batching-socket.ts";
import { serveProtocol } from "./protocol-server.ts";

const resources = new DisposalStack();
let host: string;

beforeAll(async () => {
  host = await mkdtemp(join(tmpdir(), "forerun-protocol-"));
  resources.defer(() => rm(host, { recursive: true }));
  const db = resources.use(await PGlite.create());
  resources.use(await serveProtocol(db, join(host, ".s.PGSQL.5432")));
}, 60_000);

afterAll(() => resources[Symbol.asyncDispose]());

async function open(options: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ host, user: "postgres", database: "postgres", pipeline: true, ...options });
  onTestFinished(() => client.end());
  await client.connect();
  // The session is the one of the connection before it, prepared statements included.
  await client.query("discard all");
  return client;
}

const ONE = { name: "one", text: "select $1::int as n", values: [1] };

describe("a PGlite on a socket", () => {
  it.each<[string, pg.ClientConfig]>([
    ["written one by one", {}],
    ["written as one piece", { stream: () => new BatchingSocket() }],
  ])("answers each of the statements %s", async (_, options) => {
    const client = await open(options);
    const answers = await Promise.all([
      client.query("begin; select 0 as n"),
      client.query(ONE),
      client.query({ ...ONE, values: [2] }),
      client.query("commit"),
    ]);
    expect(answers.slice(1).map(({ command, rows }) => [command, rows])).toEqual([
      ["SELECT", [{ n: 1 }]],
      ["SELECT", [{ n: 2 }]],
      ["COMMIT", []],
    ]);
  });

  it("fails what follows a failed statement in its transaction, and nothing after it", async () => {
    const client = await open({ stream: () => new BatchingSocket() });
    const outcomes = await Promise.allSettled([
      client.query("begin"),
      client.query({ name: "bad", text: "select 1 / $1::int", values: [0] }),
      client.query(ONE),
      client.query("commit"),
      client.query("select 1"),
    ]);
    const told = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? outcome.value.command : outcome.reason.code,
    );
    expect(told).toEqual(["BEGIN", "22012", "25P02", "ROLLBACK", "SELECT"]);
  });

  it("takes and gives texts larger than what a socket carries at once", async () => {
    const client = await open();
    const text = "ø".repeat(700_000);
    const { rows } = await client.query("select $1::text as text", [text]);
    expect(rows).toEqual([{ text }]);
  });

  it("lets a further connection wait until the one before it is closed", async () => {
    const first = await open();
    const order: string[] = [];
    const second = open().then((client) => {
      order.push("second is connected");
      return client;
    });
    await first.query("select 1");
    order.push("first was served");
    await first.end();
    await second;
    expect(order).toEqual(["first was served", "second is connected"]);
  });

  it("rolls back what a broken connection left open", async () => {
    const broken = await open();
    broken.on("error", () => {});
    await broken.query("begin; create table left_open (id int)");
    broken.connection.stream.destroy();
    const next = await open();
    const { rows } = await next.query("select to_regclass('left_open') as there");
    expect(rows).toEqual([{ there: null }]);
  });

  it("leaves a connection as it is when asked for encryption", async () => {
    const socket = connect(join(host, ".s.PGSQL.5432"));
    socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]));
    const answer = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    expect(answer.toString()).toBe("N");
    socket.destroy();
  });
});

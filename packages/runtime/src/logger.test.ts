import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { loggedPlace } from "./logged-error.ts";
import { createLogger } from "./logger.ts";

/** A logger and the lines that it has written. */
function recording() {
  const lines: string[] = [];
  const to = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: createLogger({ service: "test", to }), lines };
}

const SECRET = "sesame-4711";

function parseFault(): unknown {
  try {
    return JSON.parse(`{"a": ${SECRET}}`);
  } catch (fault) {
    return fault;
  }
}

const LEAKY: readonly [string, unknown][] = [
  [
    "what Postgres says of a row",
    Object.assign(new Error("duplicate key"), { code: "23505", detail: SECRET, where: SECRET }),
  ],
  [
    "a value that Postgres could not take",
    Object.assign(new Error(`invalid input: "${SECRET}"`), { code: "22P02" }),
  ],
  ["a text that is no JSON", parseFault()],
  ["a cause of a cause", new Error("outer", { cause: new Error("inner", { cause: parseFault() }) })],
  ["a body that hangs on an error", Object.assign(new Error("refused"), { response: { body: SECRET } })],
  ["a thrown text", SECRET],
];

it.each(LEAKY)("writes an error without %s", (_what, err) => {
  const { log, lines } = recording();
  log.error({ err }, "failed");
  log.child({ turn_id: "t1" }).error({ err }, "failed");
  expect(lines).toHaveLength(2);
  expect(lines.join("")).not.toContain(SECRET);
});

it("writes an error's kind, code, message, place and causes", () => {
  const { log, lines } = recording();
  const err = Object.assign(new TypeError("no such thing", { cause: new Error("because") }), { code: "E1" });
  log.error({ err }, "failed");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    service: "test",
    msg: "failed",
    err: {
      type: "TypeError",
      code: "E1",
      message: "no such thing",
      stack: expect.stringContaining("logger.test.ts"),
      cause: { type: "Error", message: "because" },
    },
  });
});

it("tells where foreign code failed without its words", () => {
  const cause = Object.assign(new TypeError("no seat for bob@example.com"), { code: "E2" });
  const place = loggedPlace(new Error("asked for bob@example.com", { cause }));
  expect(place).toMatchObject({ type: "Error", cause: { type: "TypeError", code: "E2" } });
  expect(place.stack).toMatch(/logger\.test/);
  expect(JSON.stringify(place)).not.toContain("bob");
});

it("writes an error that goes round in its causes to an end", () => {
  const { log, lines } = recording();
  const err = new Error("round");
  err.cause = err;
  log.error({ err }, "failed");
  expect(lines).toHaveLength(1);
});

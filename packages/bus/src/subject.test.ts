import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameToken, subject, subjectPattern } from "./subject.ts";
import { subjectsOf } from "./subjects.ts";

describe("subjects", () => {
  it("of a deployment have their fixed shapes", () => {
    const subjects = subjectsOf({ env: "dev", lane: "default" });
    expect(subjects.toolCall("get_weather")).toBe("fr.dev.default.tool.get_weather.call");
    expect(subjects.toolCalls).toBe("fr.dev.default.tool.*.call");
    expect(subjects.inbox("0198-turn", "0198-owner")).toBe("fr.dev.inbox.0198-turn.0198-owner");
    expect(subjects.inboxes("0198-owner")).toBe("fr.dev.inbox.*.0198-owner");
    expect(subjects.cancel).toBe("fr.dev.default.cancel");
    expect(subjects.commit).toBe("fr.dev.default.commit");
    expect(subjects.live("acme", "0198-turn")).toBe("fr.dev.live.acme.0198-turn");
    expect(subjects.owner("0198-replica")).toBe("fr.dev.owner.0198-replica");
  });

  it("carry a name that is no token as base32, so that it can reach no other subject", () => {
    expect(nameToken("foobar.*")).toBe("MZXW6YTBOIXCU");
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        expect(nameToken(name)).toMatch(/^[A-Za-z0-9_-]+$/);
      }),
    );
  });

  it.each([[[]], [[""]], [["a", ""]], [["a.b"]], [["*"]], [["a", ">"]], [["a b"]]])(
    "are not made of %j",
    (tokens) => {
      expect(() => subject(...tokens)).toThrow(RangeError);
    },
  );

  it("end with > where they have one", () => {
    expect(() => subjectPattern("a", ">", "b")).toThrow(RangeError);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunk } from "./chunk.ts";
import { MAX_CODE_SIZE, sizeOf } from "./size.ts";

const markdown = (text: string) => chunk(text, "text/markdown");
const headingsOf = (text: string) => markdown(text).map(({ headings }) => headings.join(" > "));

/** Documents out of the pieces that have broken chunkers before. */
const piece = fc.oneof(
  fc.constantFrom(
    "# A\n",
    "## B ##\n",
    "Title\n===\n",
    "---\n",
    "```ts\n",
    "~~~\n",
    "```\n",
    "\r\n",
    "\r",
    "\n\n",
    "- x\n",
  ),
  fc.constantFrom(
    "👩‍👩‍👧‍👦",
    "e\u0301",
    "漢字かな。",
    "\ud800",
    "\udc00",
    "\u2028",
    "\t",
    "    # indented\n",
    "a | b\n",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.nat(3000).map((length) => "word. ".repeat(length / 6)),
  fc.nat(6000).map((length) => "x".repeat(length)),
  fc.nat(1500).map((length) => "漢".repeat(length)),
  fc.nat(4000).map((length) => "\n".repeat(length)),
  fc.nat(900).map((length) => "😀".repeat(length)),
);
const anyDocument = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(""));
const anyMediaType = fc.constantFrom("text/markdown" as const, "text/plain" as const);

describe("chunk, for any document", () => {
  it("gives offsets that hold exactly its text, in order and apart", () => {
    fc.assert(
      fc.property(anyDocument, anyMediaType, (text, mediaType) => {
        let last = 0;
        for (const { start, end, text: quoted } of chunk(text, mediaType)) {
          expect(text.slice(start, end)).toBe(quoted);
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
      }),
    );
  });

  it("leaves out nothing but white space", () => {
    fc.assert(
      fc.property(anyDocument, anyMediaType, (text, mediaType) => {
        const kept = chunk(text, mediaType).map((one) => one.text);
        expect(kept.join("").replace(/\s+/g, "")).toBe(text.replace(/\s+/g, ""));
      }),
    );
  });

  it("keeps every chunk within the limit and no surrogate pair or CRLF cut", () => {
    fc.assert(
      fc.property(anyDocument, anyMediaType, (text, mediaType) => {
        for (const { start, end } of chunk(text, mediaType)) {
          expect(sizeOf(text, start, end)).toBeLessThanOrEqual(MAX_CODE_SIZE);
          for (const at of [start, end]) {
            expect(/^[\ud800-\udbff][\udc00-\udfff]$|^\r\n$/.test(text.slice(at - 1, at + 1))).toBe(false);
          }
        }
      }),
    );
  });

  it.each([
    ["one line", "a".repeat(2_000_000)],
    ["a heading of spaces", `# ${" ".repeat(2_000_000)}x`],
    ["a heading of links", `# ${"[".repeat(2_000_000)}`],
    ["nothing but headings", "# a\n".repeat(500_000)],
    ["nothing but fences", "```\n".repeat(500_000)],
    ["rules under lines", "a\n---\n".repeat(300_000)],
    ["blank lines", `a${" \r\n".repeat(600_000)}`],
  ])("takes linear time for %s", (_name, text) => {
    const started = performance.now();
    expect(chunk(text, "text/markdown").length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("chunk, for Markdown", () => {
  it("keeps the path of headings, outermost first", () => {
    expect(headingsOf("# A\ntext\n## B\ntext\n### C\ntext\n## D\ntext")).toEqual([
      "A",
      "A > B",
      "A > B > C",
      "A > D",
    ]);
  });

  it("reads both styles of headings and drops their inline marks", () => {
    expect(
      headingsOf("Over\n====\none\n\nUnder\n---\ntwo\n\n# `code` and [a link](https://x.example) ##\nthree"),
    ).toEqual(["Over", "Over > Under", "code and a link"]);
  });

  it("does not mistake rules, tables, lists, front matter or code for headings", () => {
    const text =
      "---\ntitle: x\n---\n\ntwo\nlines\n---\n\n- item\n---\n\na | b\n--- | ---\n\n```sh\n# comment\n```\n";
    expect(headingsOf(text)).toEqual([""]);
  });

  it("puts a heading without a body before the section that follows", () => {
    const [first, ...rest] = markdown("# Guide\n\n## Install\n\nRun it.");
    expect(rest).toEqual([]);
    expect(first?.text).toBe("# Guide\n\n## Install\n\nRun it.");
    expect(first?.headings).toEqual(["Guide", "Install"]);
  });

  it("keeps a code block whole that fits, and cuts a longer one between lines", () => {
    const listing = (lines: number) => `\`\`\`ts\n${"const answer = 42;\n".repeat(lines)}\`\`\``;
    const texts = (lines: number) =>
      markdown(`${"Prose. ".repeat(150)}\n\n${listing(lines)}`).map(({ text }) => text);
    expect(texts(100)).toContain(listing(100));
    const cut = texts(400);
    expect(cut.length).toBeGreaterThan(5);
    for (const text of cut.slice(2, -1)) expect(text).toMatch(/^const answer = 42;[\s\S]*42;$/);
  });

  it("cuts long prose after sentences into chunks of 200 to 350 tokens", () => {
    const chunks = markdown("The quick brown fox jumps over the lazy dog. ".repeat(300));
    for (const { text } of chunks) expect(text.endsWith("dog.")).toBe(true);
    for (const { text } of chunks.slice(0, -1)) {
      expect(text.length).toBeGreaterThan(800);
      expect(text.length).toBeLessThanOrEqual(1400);
    }
  });

  it("is not misled by an unclosed fence", () => {
    expect(headingsOf("# A\n```\n# not one")).toEqual(["A"]);
  });
});

describe("chunk, for plain text", () => {
  it("knows no headings and joins paragraphs up to the target", () => {
    const text = `# not a heading\r\n\r\n${"One paragraph.\r\n\r\n".repeat(20)}`;
    expect(chunk(text, "text/plain")).toEqual([
      { start: 0, end: text.trimEnd().length, text: text.trimEnd(), headings: [] },
    ]);
  });

  it("finds nothing in white space", () => {
    expect(chunk(" \n\t\r\n", "text/plain")).toEqual([]);
  });
});

import { loadTokenCounter } from "@forerun/llm/count-tokens";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerQuestion, ClientMessage, ClientTools } from "../answer.ts";
import { question, result, snippet } from "../fixtures.ts";
import { answerPrompt } from "./answer-prompt.ts";
import { clientPrompt } from "./client-prompt.ts";
import { fitPrompt } from "./fit-prompt.ts";
import { promptSize } from "./prompt-size.ts";

const count = await loadTokenCounter();
/** Room that the instructions and a few words always fit into. */
const LEAST = 450;

const text = fc.oneof(
  { weight: 4, arbitrary: fc.lorem({ maxCount: 80 }) },
  { weight: 1, arbitrary: fc.lorem({ maxCount: 900 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 400 }) },
);
const room = fc.integer({ min: LEAST, max: 6_000 });

const questions: fc.Arbitrary<AnswerQuestion> = fc
  .record({
    text: text.filter((said) => said.trim() !== ""),
    history: fc.array(
      fc.record({ role: fc.constantFrom("user" as const, "assistant" as const), content: text }),
      {
        maxLength: 12,
      },
    ),
    results: fc.array(
      text.map((rendered) => result({ rendered, arguments: { of: rendered.slice(0, 40) } })),
      { maxLength: 6 },
    ),
    snippets: fc.array(
      text.map((quote) => snippet(quote)),
      { maxLength: 6 },
    ),
  })
  .map(question);

const fitted = (asked: AnswerQuestion, tokens: number) =>
  fitPrompt((space) => answerPrompt(asked, space), tokens);

describe("the prompt of an answer", () => {
  it("never costs more than there is room, and is the same for the same question", async () => {
    await fc.assert(
      fc.asyncProperty(questions, room, async (asked, tokens) => {
        const prompt = await fitted(asked, tokens);
        expect(promptSize(prompt.messages, count)).toBeLessThanOrEqual(tokens);
        expect(await fitted(asked, tokens)).toEqual(prompt);
      }),
      { numRuns: 150 },
    );
  });

  it("keeps the newest messages: what is shown of the history is its end", async () => {
    await fc.assert(
      fc.asyncProperty(questions, room, async (asked, tokens) => {
        const shown = (await fitted(asked, tokens)).messages.slice(1, -1);
        const newest = asked.history.slice(asked.history.length - shown.length);
        expect(shown.map(({ role }) => role)).toEqual(newest.map(({ role }) => role));
        expect(shown.slice(1).map(({ content }) => content)).toEqual(
          newest.slice(1).map(({ content }) => content),
        );
      }),
      { numRuns: 150 },
    );
  });

  it("never splits a call from its result, nor a block from its end", async () => {
    await fc.assert(
      fc.asyncProperty(questions, room, async (asked, tokens) => {
        const last = (await fitted(asked, tokens)).messages.at(-1)?.content ?? "";
        const begun = last.match(/^<data-[0-9a-f]{8} .*>$/gm) ?? [];
        const ended = last.match(/^<\/data-[0-9a-f]{8}>$/gm) ?? [];
        expect(begun.length).toBe(ended.length);
        for (const head of begun)
          expect(head).toMatch(/kind="source"|name="calculator" outcome="ok" arguments="/);
        expect(last).toContain("My message:\n");
      }),
      { numRuns: 150 },
    );
  });

  it("holds everything where there is room", async () => {
    const asked = question({
      history: [{ role: "user", content: "Hello" }],
      results: [result({ rendered: "17% of 2400 = 408" })],
      snippets: [snippet("A turn is an object.")],
    });
    const prompt = await fitted(asked, 100_000);
    expect(prompt.compacted).toBe(false);
    expect(prompt.messages).toHaveLength(3);
    expect(prompt.sources).toHaveLength(1);
  });

  it("gives up the oldest messages before it shortens a result, and says so", async () => {
    const long = "A long message of earlier days. ".repeat(40);
    const rendered = "The result that matters. ".repeat(40);
    const history = Array.from({ length: 10 }, () => ({ role: "user" as const, content: long }));
    const prompt = await fitted(question({ history, results: [result({ rendered, output: 1 })] }), 1_500);
    expect(prompt.messages.at(-1)?.content).toContain(`${rendered}\n1\n`);
    expect(prompt.messages[0]?.content).toMatch(
      /\d earlier messages of the conversation are left out here\.$/,
    );
  });

  it("shortens the long result and leaves the short ones whole", async () => {
    const results = [result({ rendered: "word ".repeat(3_000) }), result({ rendered: "short and sweet" })];
    const { messages } = await fitted(question({ results }), 1_200);
    expect(messages.at(-1)?.content).toContain("short and sweet");
    expect(messages.at(-1)?.content).toMatch(/\[\d+ characters left out\]/);
  });

  it("does not send a message to a model that has no room for it", async () => {
    await expect(fitted(question(), 40)).rejects.toMatchObject({ code: "FR-E1534" });
  });
});

const exchange = fc
  .record({
    asked: fc.integer({ min: 0, max: 3 }),
    said: text,
    results: fc.array(text, { minLength: 3, maxLength: 3 }),
  })
  .map(({ asked, said, results }): ClientMessage[] => {
    const calls = results
      .slice(0, asked)
      .map((_, at) => ({ callId: `call${at}`, name: "f", arguments: "{}" }));
    return [
      { role: "assistant", content: said, calls, callId: "" },
      ...calls.map(({ callId }, at) => ({
        role: "tool" as const,
        content: results[at] ?? "",
        calls: [],
        callId,
      })),
    ];
  });

const spoken = text.map((content): ClientMessage => ({ role: "user", content, calls: [], callId: "" }));

const conversations: fc.Arbitrary<ClientTools> = fc
  .tuple(fc.array(fc.tuple(spoken, exchange), { maxLength: 6 }), spoken, fc.array(exchange, { maxLength: 2 }))
  .map(([rounds, last, since]) => ({
    tools: [{ name: "f", description: "", parameters: {} }],
    messages: [...rounds.flatMap(([asked, answered]) => [asked, ...answered]), last, ...since.flat()],
    choice: "auto",
    single: false,
  }));

describe("the prompt of a conversation with a client's tools", () => {
  const fit = (tools: ClientTools, tokens: number) =>
    fitPrompt((space) => clientPrompt(tools, space), tokens);

  it("never costs more than there is room, keeps calls with their results and the newest exchanges", async () => {
    await fc.assert(
      fc.asyncProperty(conversations, room, async (tools, tokens) => {
        const { messages } = await fit(tools, tokens);
        expect(promptSize(messages, count)).toBeLessThanOrEqual(tokens);
        expect(await fit(tools, tokens)).toMatchObject({ messages });
        const shown = messages.slice(1);
        const newest = tools.messages.slice(tools.messages.length - shown.length);
        expect(shown.map(({ role }) => role)).toEqual(newest.map(({ role }) => role));
        expect(shown[0]?.role).not.toBe("tool");
        expect(unanswered(shown)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

/** Calls that no result follows. */
function unanswered(messages: Awaited<ReturnType<typeof fitPrompt>>["messages"]): string[] {
  return messages.flatMap((message, at) => {
    const calls = message.role === "assistant" ? (message.toolCalls ?? []) : [];
    const results = messages.slice(at + 1, at + 1 + calls.length);
    return calls
      .filter(({ id }) => !results.some((one) => one.role === "tool" && one.toolCallId === id))
      .map(({ id }) => id);
  });
}

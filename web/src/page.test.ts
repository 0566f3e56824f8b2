import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { ForerunError } from "@forerun/runtime/forerun-error";
import { skipWithout } from "@forerun/testing/skip-without";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser } from "./fixtures/browser.ts";
import { type PageServer, servePage } from "./fixtures/page-server.ts";
import { ScriptedChat } from "./fixtures/scripted-chat.ts";
import { TRACE_ID } from "./fixtures/turn-script.ts";

const ANSWER = `17% of 2,400 is **408**; it costs $5, not $6.

<img src="https://evil.example/a.png" onerror="alert(1)"> and ![a picture](https://evil.example/b.png?secret)

[bad](javascript:alert(1)) and [good](https://example.org/)

\`\`\`ts
const x = 1;
\`\`\`

| a | b |
|---|---|
| 1 | 2 |
`;

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type Browser = Awaited<ReturnType<typeof openBrowser>>;
type AxeResult = { violations: { id: string; nodes: { html: string }[] }[]; passes: unknown[] };

skipWithout("chromium")("the page in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser({ colorScheme: "light" });
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  /** A new tab on a server of its own; faults of the page fail the test at its end. */
  async function visit(
    chat: ScriptedChat,
    token?: string,
  ): Promise<{ page: Page; server: PageServer } & AsyncDisposable> {
    const server = await servePage(chat, 0, token);
    const page = await browser.context.newPage();
    page.setDefaultTimeout(8_000);
    const faults: string[] = [];
    page.on("pageerror", ({ message }) => faults.push(message));
    page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
    page.on("request", (request) => request.url().startsWith(server.url) || faults.push(request.url()));
    await page.goto(server.url);
    return {
      page,
      server,
      async [Symbol.asyncDispose]() {
        await page.close();
        await server[Symbol.asyncDispose]();
        expect(faults.filter((fault) => !/net::ERR|Failed to load resource/.test(fault))).toEqual([]);
      },
    };
  }

  async function ask(page: Page, text = "17% of 2400?"): Promise<void> {
    await page.fill("#composer", text);
    await page.keyboard.press("Enter");
  }

  const settled = (page: Page): Promise<unknown> => page.waitForSelector(".turn-foot");

  it("streams an answer with its tool calls and its source", async () => {
    const chat = new ScriptedChat({ answer: ANSWER });
    await using visitor = await visit(chat);
    const { page } = visitor;
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("composer");
    chat.allow(4);
    await ask(page);
    await page.waitForSelector(".tool.running");
    chat.allow(15);
    await page.waitForFunction(() => document.querySelector(".answer")?.textContent?.includes("2,400 is"));
    expect(await page.locator(".turn-foot").count()).toBe(0);
    chat.allow(Number.POSITIVE_INFINITY);
    await settled(page);
    expect(await page.locator(".tool.used .tool-result").textContent()).toBe("17% of 2400 = 408");
    expect(await page.locator(".tool-words").allTextContents()).toEqual([
      "early, used",
      "failed",
      "early, discarded",
      "done, cached",
    ]);
    await page.click(".tool.failed summary");
    expect(await page.locator(".tool.failed dl").textContent()).toContain('"place": "Oslo"');
    await page.click(".sources summary");
    expect(await page.locator(".sources blockquote").textContent()).toContain("800 ms by default");
    expect(await page.locator("[role=status]").textContent()).toBe(
      "Answer complete. 4 tool calls. 1 source.",
    );
  });

  it("asks for a token where the server wants one, and keeps it in this tab", async () => {
    await using visitor = await visit(new ScriptedChat({ answer: ANSWER }), "a-token");
    const { page } = visitor;
    await page.fill("[role=alert] input", "a-token");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=alert] input", { state: "detached" });
    await ask(page);
    await settled(page);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  });

  it("shows Markdown that can neither load, run nor lead astray", async () => {
    await using visitor = await visit(new ScriptedChat({ answer: ANSWER }));
    const { page } = visitor;
    await ask(page);
    await settled(page);
    const answer = page.locator(".answer");
    expect(await answer.locator("strong").textContent()).toBe("408");
    expect(await answer.textContent()).toContain("$5, not $6");
    expect(await answer.locator("img, script, [onerror]").count()).toBe(0);
    expect(
      await answer.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
    ).toEqual(["https://example.org/"]);
    expect(await answer.locator("table td").count()).toBe(2);
  });

  it("goes on after the connection broke, without doubling or losing text", async () => {
    const chat = new ScriptedChat({ answer: "one two three four" });
    chat.allow(13);
    await using visitor = await visit(chat);
    const { page } = visitor;
    await ask(page);
    await page.waitForFunction(() => document.querySelector(".answer")?.textContent?.includes("one"));
    chat.breakConnections();
    chat.allow(Number.POSITIVE_INFINITY);
    await settled(page);
    expect((await page.locator(".answer").textContent())?.trim()).toBe("one two three four");
    expect(chat.begun).toHaveLength(1);
  });

  it("comes back to a running turn after a reload", async () => {
    const chat = new ScriptedChat({ answer: "one two three four" });
    chat.allow(14);
    await using visitor = await visit(chat);
    const { page } = visitor;
    await ask(page, "count");
    await page.waitForFunction(() => document.querySelector(".answer")?.textContent?.includes("one"));
    await page.reload();
    await page.waitForFunction(() => document.querySelector(".answer")?.textContent?.includes("one"));
    chat.allow(Number.POSITIVE_INFINITY);
    await settled(page);
    expect(await page.locator(".question").textContent()).toBe("count");
    expect((await page.locator(".answer").textContent())?.trim()).toBe("one two three four");
    expect(chat.begun).toHaveLength(1);
  });

  it("stops a turn on the server and keeps what can be asked again", async () => {
    const chat = new ScriptedChat({ answer: "one two three" });
    chat.allow(5);
    await using visitor = await visit(chat);
    const { page } = visitor;
    await ask(page);
    await page.waitForSelector(".tool.running");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".ending");
    expect(await page.locator(".ending").textContent()).toContain("You stopped this answer.");
  });

  it("keeps the text of a refused message and offers the next step", async () => {
    const chat = new ScriptedChat({ answer: "fine" });
    chat.refusal = new ForerunError(
      "FR-E1703",
      "resource_exhausted",
      "too many turns at once",
      "Wait a moment.",
    );
    await using visitor = await visit(chat);
    const { page } = visitor;
    await ask(page, "keep me");
    await page.waitForSelector(".notice");
    expect(await page.locator(".notice").textContent()).toContain(
      "Too many turns at once. Wait a moment.FR-E1703",
    );
    expect(await page.inputValue("#composer")).toBe("keep me");
    chat.refusal = undefined;
    await page.click("text=Try again");
    await settled(page);
    expect(await page.locator(".notice").count()).toBe(0);
  });

  it("draws the turn's timeline as a table that can be read", async () => {
    await using visitor = await visit(new ScriptedChat({ answer: "fine" }));
    const { page } = visitor;
    await ask(page);
    await settled(page);
    await page.click("text=Timeline");
    const rows = await page
      .locator(".timeline tbody tr")
      .evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll("th, td:not(.track)")].map((cell) => cell.textContent)),
      );
    expect(rows).toEqual([
      ["memory", "0 ms", "12 ms", "1 snippet"],
      ["route", "0 ms", "20 ms", "call, small model"],
      ["calculator", "2 ms", "15 ms", "early, used, 15 ms saved"],
      ["geocode", "3 ms", "13 ms", "early, discarded"],
      ["current_time", "4 ms", "–", "drafted, not started"],
      ["get_weather", "23 ms", "217 ms", "failed"],
      ["convert_units", "24 ms", "2 ms", "done, cached, after calculator"],
      ["answer", "240 ms", "670 ms", "first word 380 ms"],
    ]);
    expect(
      await page.locator(".timeline .icon").evaluateAll((icons) => icons.map((icon) => icon.classList[1])),
    ).toEqual(["icon-check", "icon-cross", "icon-cross", "icon-check"]);
    expect(await page.locator(".early-facts").textContent()).toBe(
      "1 of 2 early calls used · 13 ms of work thrown away · 15 ms saved; had the tools waited: 955 ms (estimate)",
    );
    expect(await page.getAttribute(".trace-link", "href")).toBe(`http://traces.example/trace/${TRACE_ID}`);
  });

  it("lists conversations to open, rename and delete", async () => {
    await using visitor = await visit(new ScriptedChat({ answer: "fine" }));
    const { page } = visitor;
    await ask(page, "first");
    await settled(page);
    await page.click("text=New conversation");
    await ask(page, "second");
    await settled(page);
    await page.click(".sidebar .open >> text=first");
    await page.waitForFunction(() => document.querySelector(".question")?.textContent === "first");
    await page.click("[aria-label='Rename first']");
    await page.keyboard.type("Renamed");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".sidebar .open >> text=Renamed");
    await page.click("[aria-label='Delete Renamed']");
    await page.click("dialog .danger");
    await page.waitForSelector("text=What would you like to know?");
    expect(await page.locator(".sidebar .open").allTextContents()).toEqual(["second"]);
  });

  it.each(["light", "dark"] as const)(
    "axe finds nothing in the %s theme, empty and full, wide and narrow",
    async (colorScheme) => {
      await using visitor = await visit(new ScriptedChat({ answer: ANSWER }));
      const { page } = visitor;
      await page.emulateMedia({ colorScheme });
      // Evaluated by the debugger, which the page's own policy does not bind.
      await page.evaluate(AXE);
      expect(await violations(page)).toEqual([]);
      await ask(page);
      await settled(page);
      await page.click("text=Timeline");
      await page.click(".tool.failed summary");
      await page.click(".sources summary");
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await violations(page)).toEqual([]);
      expect(
        await page.evaluate(() => {
          const { scrollWidth, scrollHeight } = document.documentElement;
          return [scrollWidth, scrollHeight];
        }),
      ).toEqual([360, 740]);
      await page.click("[aria-label=Conversations][aria-expanded]");
      expect(await violations(page)).toEqual([]);
    },
  );

  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(() =>
      Promise.all(
        document
          .getAnimations()
          .map((one) => one.effect?.getComputedTiming().iterations === 1 && one.finished),
      ),
    );
    const result = await page.evaluate(() =>
      (globalThis as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run(),
    );
    expect(result.passes.length).toBeGreaterThan(10);
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  }
});

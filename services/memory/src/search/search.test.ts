import type { Caller } from "@forerun/runtime/caller";
import { afterAll, beforeAll, expect, it } from "vitest";
import { onEveryStore, type StoreUnderTest } from "../fixtures/every-store.ts";
import { putDocument } from "../store/documents.ts";
import { search } from "./search.ts";

const caller: Caller = { tenant: "acme", subject: "u1", roles: ["user"] };

const LIBRARY: Record<string, string> = {
  "opening.md": "# Opening hours\n\nThe workshop is open from nine to five, and closed on public holidays.",
  "returns.md":
    "# Returning a bicycle\n\nBicycles are returned to the harbour station. A late return costs 40 kroner for each hour.",
  "config.md":
    "# Configuration\n\n`MAX_MESSAGE_BYTES` bounds a message. `TurnLog.appendEvents` writes durably; see turn-log.ts.",
  "cafe.md": "# Café Ålesund\n\nL'école d'été recommends the crème brûlée.",
  "tokyo.md": "# 東京案内\n\n東京タワーは港区にあります。営業時間は九時からです。",
  "moscow.md": "# Музей\n\nМузей открыт ежедневно, кроме понедельника.",
  "seoul.md": "# 서울\n\n서울역에서 버스를 타고 박물관으로 갑니다.",
};

onEveryStore("search", (open) => {
  let store: StoreUnderTest;
  beforeAll(async () => {
    store = await open();
    for (const [uri, text] of Object.entries(LIBRARY)) {
      await putDocument(store.db, caller, { uri, text, mediaType: "text/markdown", title: "" });
    }
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const find = (text: string, k = 5) => search(store.db, caller, { text, k });
  const urisOf = async (text: string) => (await find(text)).map(({ uri }) => uri);

  it.each([
    ["When does the workshop open?", "opening.md"],
    ["what does it cost to return a bike late? bicycles!", "returns.md"],
    ["Could you please tell me about late returns", "returns.md"],
    ["max message bytes", "config.md"],
    ["MAX_MESSAGE_BYTES", "config.md"],
    ["appendEvents", "config.md"],
    ["append an event", "config.md"],
    ["turn-log.ts", "config.md"],
    ["cafe alesund", "cafe.md"],
    ["CRÈME BRULEE?", "cafe.md"],
    ["東京タワーはどこですか", "tokyo.md"],
    ["営業時間", "tokyo.md"],
    ["когда открыт музей", "moscow.md"],
    ["박물관", "seoul.md"],
  ])("finds for %j the text of %s first", async (question, uri) => {
    expect((await urisOf(question))[0]).toBe(uri);
  });

  it.each(["What is it?", "the of and", "quantum chromodynamics", "?!", "", "🙂"])(
    "finds nothing for %j",
    async (question) => {
      expect(await find(question)).toEqual([]);
    },
  );

  it("scores by how much of the question a text covers", async () => {
    const [all] = await find("late return of bicycles to the harbour station");
    const [some] = await find("late arrival of airplanes at the harbour terminal");
    const [little] = await find("museum of modern submarine engines and harbour pilots");
    expect(all?.score).toBeGreaterThan(0.5);
    expect(some?.score).toBeLessThan(0.4);
    expect(little?.score ?? 0).toBeLessThan(0.2);
  });

  it("gives a higher score to words that stand together as in the question", async () => {
    const [together] = await find("harbour station");
    const [apart] = await find("harbour hour");
    expect(together?.score).toBeGreaterThan(apart?.score ?? 1);
  });

  it("orders by score, all between 0 and 1, and gives no more than asked for", async () => {
    const found = await find("open museum workshop return message tokyo 東京", 3);
    expect(found).toHaveLength(3);
    const scores = found.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const score of scores) expect(score > 0 && score <= 1).toBe(true);
  });

  it("takes a question of a hundred thousand characters", async () => {
    const [first] = await find(`harbour station ${"lorem ipsum ".repeat(10_000)}`);
    expect(first?.uri).toBe("returns.md");
  });

  it.each(["a & b | !c <-> d", "'; drop table memory.documents; --", "\\ ' \" : * ( )", "%_%"])(
    "takes %j for words alone",
    async (question) => {
      await find(question);
      expect(await urisOf("harbour")).toEqual(["returns.md"]);
    },
  );
});

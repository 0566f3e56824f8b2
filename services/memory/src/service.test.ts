import { readFileSync } from "node:fs";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { ErrorInfoSchema } from "@forerun/contracts/google/rpc/error_details_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { createLocalTransport } from "@forerun/rpc/local";
import type { Caller } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { sharedDataPath } from "@forerun/testing/shared-data";
import { skipWithoutData } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMemory } from "./app.ts";
import { onEveryStore, type StoreUnderTest } from "./fixtures/every-store.ts";

const UNKNOWN_ID = "00000000-0000-7000-8000-000000000000";
const as = (tenant: string) => {
  const caller: Caller = { tenant, subject: "u1", roles: ["user"] };
  return asCaller(caller, { signal: AbortSignal.timeout(20_000) });
};

async function faultOf(call: Promise<unknown>): Promise<{ code: string; reason: string | undefined }> {
  const error = await call.then(() => undefined, ConnectError.from);
  if (!error) throw new Error("the call succeeded");
  return { code: Code[error.code], reason: error.findDetails(ErrorInfoSchema)[0]?.reason };
}

onEveryStore("the memory service", (open) => {
  let store: StoreUnderTest;
  let memory: Client<typeof MemoryService>;
  beforeAll(async () => {
    store = await open();
    const { bindings } = createMemory({ db: store.db });
    const options = { messages: "clone", maxMessageBytes: 4_194_304, log: silentLogger } as const;
    memory = createMeshClient(MemoryService, createLocalTransport(bindings, options));
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const ingest = (tenant: string, uri: string, text: string, title = "") =>
    memory.ingest({ uri, mediaType: "text/markdown", text, title }, as(tenant));
  const find = async (tenant: string, text: string, k = 5) =>
    (await memory.search({ text, k }, as(tenant))).snippets;

  it("gives back a document as it was stored, titled by its first heading", async () => {
    const text = "# Bikes\r\n\r\nReturn them by 18:00 — 👩‍👩‍👧‍👦 “or else”.\r\n";
    const { documentId, chunks } = await ingest("get", "notes/bikes.md", text);
    const { document } = await memory.getDocument({ documentId }, as("get"));
    expect(document).toMatchObject({
      documentId,
      title: "Bikes",
      uri: "notes/bikes.md",
      mediaType: "text/markdown",
      chunks,
      text,
    });
  });

  it("titles a document without headings by the last part of its uri", async () => {
    const { documentId } = await ingest("title", "file:///a/notes.md", "plain words");
    const { document } = await memory.getDocument({ documentId }, as("title"));
    expect(document?.title).toBe("notes.md");
  });

  it("finds text with its source, offsets, headings and a score", async () => {
    const text = "# Rental\n\nOpen daily.\n\n## Late returns\n\nA late bicycle costs 40 kroner a day.\n";
    const { documentId } = await ingest("find", "rental.md", text);
    const [snippet] = await find("find", "How much does a late bicycle cost?");
    expect(snippet?.headings).toEqual(["Rental", "Late returns"]);
    expect(snippet?.source).toMatchObject({ documentId, title: "Rental", uri: "rental.md" });
    const { start = 0, end = 0, quote } = snippet?.source ?? {};
    expect(quote).toContain("40 kroner");
    expect(text.slice(start, end)).toBe(quote);
    expect(snippet?.score).toBeGreaterThan(0.4);
    expect(snippet?.score).toBeLessThanOrEqual(1);
  });

  it("replaces the document of the same uri and keeps its id", async () => {
    const first = await ingest("replace", "a.md", "The password is walrus.");
    const second = await ingest("replace", "a.md", "The password is narwhal.");
    expect(second).toMatchObject({ documentId: first.documentId, unchanged: false });
    expect(await find("replace", "walrus")).toEqual([]);
    expect(await find("replace", "narwhal")).toHaveLength(1);
  });

  it("writes nothing when the content is the same", async () => {
    const first = await ingest("same", "a.md", "Same text.");
    expect(first.unchanged).toBe(false);
    expect(await ingest("same", "a.md", "Same text.")).toMatchObject({
      documentId: first.documentId,
      chunks: first.chunks,
      unchanged: true,
    });
  });

  it("keeps one document when the same uri is stored by several at once", async () => {
    const texts = Array.from({ length: 6 }, (_, index) => `Version number${index} of the text.`);
    const results = await Promise.all(texts.map((text) => ingest("race", "a.md", text)));
    expect(new Set(results.map(({ documentId }) => documentId)).size).toBe(1);
    expect(await find("race", "version", 50)).toHaveLength(1);
  });

  it("stores a document of hundreds of chunks in one piece", async () => {
    const text = Array.from({ length: 400 }, (_, n) => `## Part ${n}\n\nBody of part${n}.\n\n`).join("");
    expect((await ingest("large", "large.md", text)).chunks).toBe(400);
    const [snippet] = await find("large", "part399");
    expect(snippet?.source?.quote).toContain("Body of part399.");
  });

  it("lists documents page by page, each once, in the order of their uris", async () => {
    for (const name of ["b", "é", "a", "c", "B"]) await ingest("list", `${name}.md`, "text");
    const uris: string[] = [];
    let pageToken = "";
    do {
      const page = await memory.listDocuments({ pageSize: 2, pageToken }, as("list"));
      expect(page.documents.length).toBeLessThanOrEqual(2);
      uris.push(...page.documents.map(({ uri }) => uri));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(uris).toEqual(["B.md", "a.md", "b.md", "c.md", "é.md"]);
  });

  it.each(["x", "🙂", "ZG9jdW1lbnRzOg", Buffer.from("turns:a").toString("base64url"), "ZG9jdW1lbnRzOmE="])(
    "refuses the page token %j",
    async (pageToken) => {
      expect(await faultOf(memory.listDocuments({ pageToken }, as("list")))).toEqual({
        code: "InvalidArgument",
        reason: "FR-E1705",
      });
    },
  );

  it("removes a document and what was found in it", async () => {
    const { documentId } = await ingest("delete", "a.md", "Ephemeral words.");
    await memory.deleteDocument({ documentId }, as("delete"));
    expect(await find("delete", "ephemeral")).toEqual([]);
    const gone = { code: "NotFound", reason: "FR-E1604" };
    expect(await faultOf(memory.getDocument({ documentId }, as("delete")))).toEqual(gone);
    expect(await faultOf(memory.deleteDocument({ documentId }, as("delete")))).toEqual(gone);
  });

  it("shows another tenant's document to nobody, by no method", async () => {
    const { documentId } = await ingest("owner", "secret.md", "The canary sings.");
    const missing = await faultOf(memory.getDocument({ documentId: UNKNOWN_ID }, as("thief")));
    expect(await faultOf(memory.getDocument({ documentId }, as("thief")))).toEqual(missing);
    expect(await faultOf(memory.deleteDocument({ documentId }, as("thief")))).toEqual(missing);
    expect(await find("thief", "canary")).toEqual([]);
    expect((await memory.listDocuments({}, as("thief"))).documents).toEqual([]);
    const own = await ingest("thief", "secret.md", "The canary is silent.");
    expect(own.documentId).not.toBe(documentId);
    expect((await find("owner", "canary")).map(({ source }) => source?.quote)).toEqual(["The canary sings."]);
  });

  it.each([
    ["a NUL character in the text", { text: "a\0b" }, "InvalidArgument", "FR-E1601"],
    ["a NUL character in the uri", { uri: "a\0" }, "InvalidArgument", "FR-E1601"],
    ["a uri that is too long in bytes", { uri: "é".repeat(1500) }, "InvalidArgument", "FR-E1601"],
    ["nothing but white space", { text: " \n " }, "InvalidArgument", "FR-E1603"],
    [
      "more text than one document may have",
      { text: "x".repeat(4_000_001) },
      "ResourceExhausted",
      "FR-E1602",
    ],
    ["an unknown media type", { mediaType: "text/html" }, "InvalidArgument", "FR-E1301"],
  ])("refuses %s and stores nothing", async (_what, field, code, reason) => {
    const request = { uri: "bad.md", mediaType: "text/plain", text: "good", ...field };
    expect(await faultOf(memory.ingest(request, as("bad")))).toEqual({ code, reason });
    expect((await memory.listDocuments({}, as("bad"))).documents).toEqual([]);
  });

  it("takes a document of exactly the largest size, and gives it back", async () => {
    const text = `${"lorem ipsum dolor sit amet ".repeat(200_000)}`.slice(0, 4_000_000);
    const { documentId } = await memory.ingest({ uri: "max", mediaType: "text/plain", text }, as("max"));
    const { document } = await memory.getDocument({ documentId }, as("max"));
    expect(document?.text === text).toBe(true);
  }, 60_000);

  skipWithoutData("f_payloads/blns.json")("with naughty strings", () => {
    it("stores each and returns it byte-equal, or refuses it by a code", async () => {
      const strings: string[] = JSON.parse(readFileSync(sharedDataPath("f_payloads/blns.json"), "utf8"));
      expect(strings.length).toBeGreaterThan(400);
      const refused = new Set<string | undefined>();
      for (const [index, text] of strings.entries()) {
        const request = {
          uri: `blns:${index}:${text.slice(0, 100).toWellFormed()}`,
          mediaType: "text/markdown",
          text,
          title: text.slice(0, 200).toWellFormed(),
        };
        const stored = await memory.ingest(request, as("blns")).catch(ConnectError.from);
        if (stored instanceof ConnectError) {
          refused.add(stored.findDetails(ErrorInfoSchema)[0]?.reason);
          continue;
        }
        const { document } = await memory.getDocument({ documentId: stored.documentId }, as("blns"));
        expect(document).toMatchObject({ text, uri: request.uri });
        const { snippets } = await memory.search({ text, k: 3 }, as("blns"));
        for (const { score } of snippets) expect(score).toBeGreaterThan(0);
      }
      for (const reason of refused) expect(["FR-E1301", "FR-E1601", "FR-E1603"]).toContain(reason);
    }, 120_000);
  });
});

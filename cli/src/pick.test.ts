import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { describe, expect, it } from "vitest";
import { serveConnect } from "./fixtures.ts";
import { pickTurn } from "./pick.ts";

const IDS = [
  "0193a1b2-ffff-7000-8000-000000000003",
  "0193a1b2-c3d4-7000-8000-000000000002",
  "0193a1b2-c3d4-7000-8000-000000000001",
];

/** Pages of at most two, newest first, as the chat service gives them. */
async function pick(name: string, ids: readonly string[] = IDS): Promise<string> {
  await using server = await serveConnect((router) => {
    router.service(ChatService, {
      listTurns({ pageSize, pageToken }) {
        const from = Number(pageToken || 0);
        const upTo = from + Math.min(2, pageSize);
        const turns = ids.slice(from, upTo).map((turnId) => ({ turnId }));
        return { turns, nextPageToken: upTo < ids.length ? String(upTo) : "" };
      },
    });
  });
  return await pickTurn(server.reach, name);
}

describe("naming a turn", () => {
  it("takes a whole id as it is, known or not", async () => {
    expect(await pick("0193A1B2-0000-7000-8000-00000000000F")).toBe("0193a1b2-0000-7000-8000-00000000000f");
  });

  it("takes last for the newest", async () => {
    expect(await pick("last")).toBe(IDS[0]);
  });

  it("takes a prefix that is unique, on whatever page its turn is", async () => {
    expect(await pick("0193a1b2-ff")).toBe(IDS[0]);
    expect(await pick("0193a1b2-c3d4-7000-8000-000000000001")).toBe(IDS[2]);
  });

  it("refuses a prefix of several and names them", async () => {
    await expect(pick("0193a1b2-c3")).rejects.toMatchObject({
      code: "FR-E1803",
      message: `"0193a1b2-c3" begins 2 turns: ${IDS[1]}, ${IDS[2]}`,
    });
  });

  it("tells that nothing is there", async () => {
    await expect(pick("ffff")).rejects.toMatchObject({ code: "FR-E1702" });
    await expect(pick("last", [])).rejects.toMatchObject({
      code: "FR-E1702",
      fix: expect.stringContaining("chat"),
    });
  });
});

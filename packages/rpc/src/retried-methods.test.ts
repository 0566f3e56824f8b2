import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { DescFile } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { retriedMethods } from "./retried-methods.ts";

/** Methods that take effect, so that a second call would do a thing twice. Whoever adds one decides, here or by its option. */
const NEVER_TWICE = [
  "answer.v1.AnswerService: none",
  "chat.v1.ChatService: Ask Chat CreateConversation CreateFeedback CreateTurn DeleteConversation ForkConversation ResolveInterrupts SubmitToolOutputs",
  "memory.v1.MemoryService: DeleteDocument Ingest",
  "router.v1.RouterService: none",
  "tool.v1.ToolService: Execute",
];

async function contracts(): Promise<DescFile[]> {
  const chat = createRequire(import.meta.url).resolve("@forerun/contracts/forerun/chat/v1/chat_pb");
  const root = join(dirname(chat), "../..");
  const modules = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("_pb.ts"),
  );
  const loaded = await Promise.all(modules.map((path) => import(join(root, path))));
  return loaded.flatMap((module) =>
    Object.values(module as Record<string, DescFile>).filter(({ kind }) => kind === "file"),
  );
}

describe("retries", () => {
  it("are decided for every method of every contract", async () => {
    const services = (await contracts()).flatMap((file) => file.services);
    const decided = services.map((service) => {
      const retried = new Set(retriedMethods(service));
      const once = service.methods.filter((method) => !retried.has(method)).map(({ name }) => name);
      return `${service.typeName.replace("forerun.", "")}: ${once.sort().join(" ") || "none"}`;
    });
    expect(decided.sort()).toEqual(NEVER_TWICE);
  });
});

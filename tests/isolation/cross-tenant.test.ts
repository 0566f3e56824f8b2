import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@forerun/components/postgres";
import { AnswerService } from "@forerun/contracts/forerun/answer/v1/answer_pb";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { MemoryService } from "@forerun/contracts/forerun/memory/v1/memory_pb";
import { RouterService } from "@forerun/contracts/forerun/router/v1/router_pb";
import { ToolService } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { DisposalStack } from "@forerun/runtime/disposal";
import { skipWithout } from "@forerun/testing/skip-without";
import { describe, expect, it } from "vitest";
import { scenario } from "../support/scenario.ts";
import { attackTenants } from "./support/attack-tenants.ts";
import { ATTACKS } from "./support/attacks.ts";
import { startFiveServices } from "./support/five-services.ts";

const DESCRIBED = [ChatService, MemoryService, ToolService, RouterService, AnswerService];

describe("the attacks", () => {
  it("are on methods that there are, and on every one of them", () => {
    const methods = DESCRIBED.flatMap(({ typeName, methods }) =>
      methods.map(({ name }) => `${typeName}/${name}`),
    );
    expect(Object.keys(ATTACKS).sort()).toEqual(methods.sort());
  });
});

skipWithout("postgres")("tenants with equal texts and names", () => {
  scenario(
    "isolation.methods",
    async () => {
      await using stack = new DisposalStack();
      const dataDir = await mkdtemp(join(tmpdir(), "forerun-tenants-"));
      stack.defer(() => rm(dataDir, { recursive: true, force: true }));
      const { url } = stack.use(await startPostgres());
      const { tries, leaks } = await attackTenants(stack.use(await startFiveServices(url, dataDir)), 3);
      expect(leaks).toEqual([]);
      expect(tries).toBeGreaterThan(300);
    },
    120_000,
  );
});

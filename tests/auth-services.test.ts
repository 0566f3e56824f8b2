/** The services behind chat, called straight: a claim of the right service comes in, and nothing else does. */
import { start as startAnswer } from "@forerun/answer/app";
import { start as startMemory } from "@forerun/memory/app";
import { start as startRouter } from "@forerun/router/app";
import { claimSigner } from "@forerun/rpc/claim";
import { skipWithoutData } from "@forerun/testing/skip-without";
import { attackTokens } from "@forerun/testing/tokens/attack-tokens";
import { testIssuer } from "@forerun/testing/tokens/test-issuer";
import { jwsVectors, WYCHEPROOF } from "@forerun/testing/tokens/wycheproof";
import { start as startTools } from "@forerun/tool-executor/app";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect } from "vitest";
import { openCallStatus } from "./support/call-status.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const CALLER = { tenant: "acme", subject: "u1", roles: ["user"] } as const;

const METHODS = {
  router: "/forerun.router.v1.RouterService/Route",
  answer: "/forerun.answer.v1.AnswerService/Generate",
  memory: "/forerun.memory.v1.MemoryService/ListDocuments",
  "tool-executor": "/forerun.tool.v1.ToolService/ListTools",
};
type Name = keyof typeof METHODS;

skipWithoutData(WYCHEPROOF)("a service behind chat", () => {
  const open: Partial<Record<Name, ReturnType<typeof openCallStatus>>> = {};
  const running: AsyncDisposable[] = [];
  let folder: Awaited<ReturnType<typeof scratchFolder>>;

  beforeAll(async () => {
    folder = await scratchFolder();
    const env = {
      GRPC_PORT: "0",
      METRICS_ADDR: "127.0.0.1:0",
      DATA_DIR: folder.path,
      TOOLS_DIR: `${folder.path}/tools`,
      LOG_LEVEL: "silent",
      FORERUN_KEY: KEY,
      MODEL_URL: "http://127.0.0.1:9/v1",
      MODEL: "none",
      MEMORY_ADDR: "ipv4:127.0.0.1:9",
      TOOL_EXECUTOR_ADDR: "ipv4:127.0.0.1:9",
    };
    const starts = {
      router: startRouter,
      answer: startAnswer,
      memory: startMemory,
      "tool-executor": startTools,
    };
    for (const [name, start] of Object.entries(starts)) {
      const service = await start(env);
      running.push(service);
      open[name as Name] = openCallStatus(service.grpc);
    }
  }, 90_000);

  afterAll(async () => {
    for (const { close } of Object.values(open)) close();
    for (const service of running) await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  }, 60_000);

  scenario(
    "auth.services",
    async () => {
      const otherKey = Buffer.alloc(32, 8).toString("base64");
      const forged = await claimSigner(otherKey, "chat")(CALLER);
      const texts = [
        ...attackTokens(testIssuer(), "http://127.0.0.1:9").flatMap(({ token }) => token ?? []),
        ...jwsVectors().map(({ jws }) => jws),
        forged,
        `${await claimSigner(KEY, "chat")(CALLER)}A`,
      ];
      const right = await claimSigner(KEY, "chat")(CALLER);
      const wrongService = await claimSigner(KEY, "answer")(CALLER);
      for (const [name, method] of Object.entries(METHODS)) {
        const call = (header: string, text: string) =>
          open[name as Name]?.call(method, [[header, text]]) ??
          Promise.reject(new Error(`${name} is not open`));
        const wrong: string[] = [];
        for (const text of texts) {
          const { code, details } = await call("forerun-caller", text);
          if (code !== status.UNAUTHENTICATED || details !== "invalid credentials")
            wrong.push(`${text}: ${details}`);
        }
        expect([name, wrong]).toEqual([name, []]);
        expect([name, await call("authorization", `Bearer ${right}`)]).toMatchObject([
          name,
          { code: status.UNAUTHENTICATED },
        ]);
        expect([name, await call("forerun-caller", wrongService)]).toMatchObject([
          name,
          { code: status.PERMISSION_DENIED },
        ]);
        const { code } = await call("forerun-caller", right);
        expect([name, [status.UNAUTHENTICATED, status.PERMISSION_DENIED].includes(code)]).toEqual([
          name,
          false,
        ]);
      }
    },
    180_000,
  );
});

/** `npm run mesh -- --gateway`: the whole shape on one machine, from a token to a stored turn. */
import { join } from "node:path";
import { skipWithout } from "@forerun/testing/skip-without";
import { expect } from "vitest";
import { runForerun, startProcess } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

type MeshReady = { gateway: string; processes: { service: string; http?: string }[] };

function meshBehindGateway(): void {
  scenario(
    "mesh.gateway",
    async () => {
      await using folder = await scratchFolder();
      const env = { DATA_DIR: folder.path, TOOLS_DIR: join(folder.path, "tools"), LOG_LEVEL: "warn" };
      const ports = { PORT: "0", GRPC_PORT: "0" };
      await using mesh = await startProcess<MeshReady>(["--import", "tsx", "scripts/mesh.ts", "--gateway"], {
        ...env,
        ...ports,
      });
      const { gateway, processes } = mesh.ready;
      const minted = await runForerun(["token", "mint", "--tenant", "acme", "--sub", "u1"], env);
      const token = minted.stdout.trim();
      const ask = (url: string, headers: Record<string, string>) =>
        fetch(`${url}/chat`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify({ text: "17% of 2400" }),
        });
      const chat = processes.find(({ service }) => service === "chat")?.http ?? "";
      // Chat asks for the token itself, so that nobody gets in behind the gateway's back.
      for (const url of [gateway, chat]) {
        const refused = await ask(url, {});
        expect([refused.status, await refused.json()]).toEqual([
          401,
          { code: "unauthenticated", message: "invalid credentials" },
        ]);
      }
      const answered = await ask(gateway, { authorization: `Bearer ${token}` });
      expect(await answered.json()).toMatchObject({
        state: "TURN_STATE_COMPLETED",
        text: expect.stringContaining("408"),
      });
      expect(await mesh.stop("SIGINT")).toBe(0);
      await expect(fetch(gateway)).rejects.toThrow("fetch failed");
    },
    180_000,
  );
}

skipWithout("postgres")("the mesh", () => {
  skipWithout("envoy")("behind the gateway", meshBehindGateway);
});

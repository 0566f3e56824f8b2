import { expect, it } from "vitest";
import { start } from "./app.ts";

it("refuses, as a process of its own, to serve other machines without knowing who calls", async () => {
  const environment = {
    HOST: "0.0.0.0",
    DATA_DIR: "/dev/null",
    FORERUN_KEY: Buffer.alloc(32, 1).toString("base64"),
  };
  await expect(start(environment, () => {})).rejects.toMatchObject({ code: "FR-E1002" });
});

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { INSTALL_LINE } from "./onnx-runtime.ts";

it("names the version that components.sh installs and the error's page shows", () => {
  const [version] = /onnxruntime-node@[\d.]+/.exec(INSTALL_LINE) ?? [];
  const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
  expect(read("scripts/components.sh")).toContain(`onnxruntime_package="${version}"`);
  expect(read("docs/errors/FR-E1520.md")).toContain(INSTALL_LINE);
});

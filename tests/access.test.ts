/** The table of access, held against the contracts. */
import { readdir } from "node:fs/promises";
import type { DescService } from "@bufbuild/protobuf";
import { ACCESS } from "@forerun/auth/access";
import { describe, expect } from "vitest";
import { ROOT } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";

const GENERATED = `${ROOT}packages/contracts/gen/forerun`;

/** Every service that Forerun's contracts declare. */
async function services(): Promise<DescService[]> {
  const files = await readdir(GENERATED, { recursive: true });
  const modules = await Promise.all(
    files.filter((file) => file.endsWith("_pb.ts")).map((file) => import(`${GENERATED}/${file}`)),
  );
  return modules.flatMap((module: object) => Object.values(module).filter(isService));
}

function isService(exported: unknown): exported is DescService {
  return (
    typeof exported === "object" && exported !== null && "kind" in exported && exported.kind === "service"
  );
}

describe("the table of access", () => {
  scenario("auth.access", async () => {
    const declared = (await services()).map(({ typeName, methods }) => [
      typeName,
      methods.map(({ name }) => name).sort(),
    ]);
    const lines = Object.entries(ACCESS).map(([service, methods]) => [service, Object.keys(methods).sort()]);
    expect(declared.length).toBeGreaterThanOrEqual(5);
    expect(Object.fromEntries(lines)).toEqual(Object.fromEntries(declared));
  });
});

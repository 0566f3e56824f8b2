/** No image is built here; what can be read off the Dockerfile is held. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BUNDLED_NAMES } from "../scripts/build/bundled.ts";
import { ROOT } from "./support/forerun-process.ts";

describe("Dockerfile", () => {
  const text = readFileSync(join(ROOT, "Dockerfile"), "utf8");
  const lines = text.split("\n").filter((line) => /^[A-Z]+ /.test(line));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));

  it("runs as somebody without rights, by Node alone, from a bundle that is built", () => {
    expect(last).toContain("USER 65532:65532");
    expect(last.filter((line) => /^(RUN|ADD|ENTRYPOINT) /.test(line))).toEqual([]);
    expect(last.filter((line) => line.startsWith("COPY "))).toEqual([
      expect.stringMatching(/--from=build .*\/app$/),
    ]);
    expect(lines).toContainEqual(expect.stringContaining("npm ci --ignore-scripts"));
  });

  it("pins what it stands on", () => {
    const bases = lines.filter((line) => line.startsWith("FROM ")).map((line) => line.split(" ")[1] ?? "");
    expect(bases.length).toBe(2);
    expect(bases.filter((base) => !/:(?!latest)[\w.-]+$/.test(base))).toEqual([]);
  });

  it("takes with it every workspace that the lock file names", () => {
    const { workspaces } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      workspaces: string[];
    };
    const copied = lines.filter((line) => line.startsWith("COPY ")).join("\n");
    const missing = workspaces
      .map((path) => path.replace("/*", ""))
      .filter((path) => !copied.includes(` ${path}`));
    expect(missing).toEqual([]);
  });

  it("has an image for everything that the manifests run", () => {
    const base = readFileSync(join(ROOT, "deploy/k8s/overlays/prod/kustomization.yaml"), "utf8");
    const named = [...base.matchAll(/name: forerun\/([a-z-]+)/g)].map(([, name]) => name);
    expect(named.sort()).toEqual([...BUNDLED_NAMES].sort());
  });
});

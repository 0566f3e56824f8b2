/** What deploy/k8s builds to is valid, keeps the rules, and each rule notices when it is broken. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findBinary } from "@forerun/components/binaries";
import { skipWithout } from "@forerun/testing/skip-without";
import { beforeAll, describe, expect, it } from "vitest";
import { RATE_LIMIT_ENV } from "../gateway/src/limits/global-rate.ts";
import { buildCombination, combinations } from "../scripts/k8s/combinations.ts";
import { staleGatewayFiles } from "../scripts/k8s/gateway-files.ts";
import { containersOf, type Manifest, nameOf, workloadsOf } from "../scripts/k8s/manifest.ts";
import { openRules } from "../scripts/k8s/rules.ts";
import { openSchemas, type Validator } from "../scripts/k8s/schemas.ts";
import { ROOT } from "./support/forerun-process.ts";
import { BREACHES, find } from "./support/manifest-breaches.ts";
import { scenario } from "./support/scenario.ts";

const rules = openRules();

function brokenRules(objects: readonly Manifest[]): string[] {
  return rules.filter(({ breaches }) => breaches(objects).length > 0).map(({ id }) => id);
}

skipWithout("kustomize")("deploy/k8s", () => {
  let validate: Validator;
  let everything: Manifest[];
  beforeAll(() => {
    validate = openSchemas();
    everything = buildCombination("tests/everything");
  });

  scenario("cluster.combinations", async () => {
    for (const name of combinations()) {
      const objects = buildCombination(name);
      const unfit = objects.flatMap((object) =>
        validate(object).map((fault) => `${nameOf(object)}: ${fault}`),
      );
      const broken = rules.flatMap(({ id, breaches }) => breaches(objects).map((said) => `${id}: ${said}`));
      expect([name, ...unfit, ...broken]).toEqual([name]);
    }
  });

  it("tries every component in a combination", () => {
    const folders = new Set(combinations().map((name) => name.replace("tests/with-", "")));
    const listed = readFileSync(join(ROOT, "deploy/k8s/tests/everything/kustomization.yaml"), "utf8");
    const components = [...listed.matchAll(/components\/([a-z-]+)$/gm)].map(([, name]) => name ?? "");
    expect(components.length).toBeGreaterThan(8);
    expect(components.filter((name) => name !== "network-policies" && !folders.has(name))).toEqual([]);
  });

  it.each([
    ["a field that Kubernetes does not know", "Deployment", "chat"],
    ["a field that KEDA does not know", "ScaledObject", "chat"],
  ])("is told of %s", (_, kind, name) => {
    const object = structuredClone(find<Manifest & { spec: object }>(everything, kind, name));
    expect(validate(object)).toEqual([]);
    Object.assign(object.spec, { replcas: 2 });
    expect(validate(object).join()).toContain("replcas");
  });

  it("is told of a kind that has no schema", () => {
    const object = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "a" } };
    expect(validate(object)).toEqual(["no schema for example.com/v1 Thing"]);
  });

  it("asks for no Secret and no key of one that docs/kubernetes.md does not name", () => {
    const page = readFileSync(join(ROOT, "docs/kubernetes.md"), "utf8");
    const keys = workloadsOf(everything)
      .flatMap(containersOf)
      .flatMap(({ env = [] }) => env)
      .flatMap(({ valueFrom }) => (valueFrom?.secretKeyRef ? [valueFrom.secretKeyRef] : []));
    expect(keys.length).toBeGreaterThan(15);
    const rowOf = (secret: string) =>
      page.split("\n").find((line) => line.startsWith(`| \`${secret}\` |`)) ?? "";
    const untold = keys.filter(({ name, key }) => !rowOf(name).includes(`\`${key}\``));
    expect(untold).toEqual([]);
  });

  it("gives the shared count what the gateway's filters rely on", () => {
    const ratelimit = workloadsOf(everything).find(({ metadata }) => metadata.name === "ratelimit");
    const given = (ratelimit ? containersOf(ratelimit) : []).flatMap(({ env = [] }) => env);
    expect(given).toEqual(
      expect.arrayContaining(Object.entries(RATE_LIMIT_ENV).map(([name, value]) => ({ name, value }))),
    );
  });

  it("keeps the rules before anything is planted", () => {
    expect(brokenRules(everything)).toEqual([]);
  });

  it.each(BREACHES)("notices by %s: %s", (id, _, plant) => {
    const objects = structuredClone(everything);
    plant(objects);
    expect(brokenRules(objects)).toContain(id);
  });

  scenario("cluster.rules", async () => {
    expect(rules.map(({ id }) => id).filter((id) => !BREACHES.some(([planted]) => planted === id))).toEqual(
      [],
    );
  });
});

skipWithout("promtool")("what Prometheus is given", () => {
  it("is a configuration that it takes", () => {
    const file = join(ROOT, "deploy/k8s/components/prometheus/prometheus.yml");
    const promtool = findBinary("promtool");
    expect(
      execFileSync(promtool, ["check", "config", "--syntax-only", file], { encoding: "utf8" }),
    ).toContain("SUCCESS");
  });
});

describe("what the gateway's component is made of", () => {
  it("is what its values make now", () => {
    expect(staleGatewayFiles()).toEqual([]);
  });
});

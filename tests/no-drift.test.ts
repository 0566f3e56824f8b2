/** The manifests of the development overlay and the code: they fit, and a deployment that does not is caught. */
import { skipWithout } from "@forerun/testing/skip-without";
import { beforeAll, expect, it } from "vitest";
import { buildCombination } from "../scripts/k8s/combinations.ts";
import type { Container, Manifest } from "../scripts/k8s/manifest.ts";
import { workloadsOf } from "../scripts/k8s/manifest.ts";
import { runManifests } from "./no-drift/no-drift.ts";

const SERVICES = ["answer", "chat", "memory", "router", "tool-executor"];

let built: Manifest[] = [];

/** The overlay, with one container changed. */
function changed(service: string, change: (container: Container) => void): Manifest[] {
  const objects = structuredClone(built);
  const [container] =
    workloadsOf(objects).find(({ metadata }) => metadata.name === service)?.spec.template.spec.containers ??
    [];
  if (!container) throw new Error(`nothing is called ${service}`);
  change(container);
  return objects;
}

const run = (objects: readonly Manifest[]) => runManifests(objects, () => {});

skipWithout("kustomize")("manifests", () => {
  skipWithout("nats-server")("and a broker", () => {
    skipWithout("redis-server")("and a cache", () => {
      skipWithout("postgres")("and a store", () => {
        beforeAll(() => {
          built = buildCombination("overlays/dev");
        });

        skipWithout("envoy")("and a gateway", () => {
          it("give the services what they need: a turn with a token passes, is traced, and all end within their grace", async () => {
            const { answer, traced, stopped } = await run(built);
            expect(answer).toContain("408");
            expect(traced).toEqual(SERVICES);
            expect(stopped.map(({ service }) => service).sort()).toEqual(SERVICES);
            for (const { code, ms, graceMs } of stopped) {
              expect(code).toBe(0);
              expect(ms).toBeLessThan(graceMs);
            }
          }, 180_000);
        });

        it.each([
          [
            "a variable that no code reads",
            (container: Container) => container.env?.push({ name: "CACHE_URL", value: "redis://r" }),
            "memory is given CACHE_URL, which no code reads",
          ],
          [
            "a variable too few",
            (container: Container) => {
              container.env = container.env?.filter(({ name }) => name !== "FORERUN_KEY") ?? [];
            },
            "FR-E1003",
          ],
          [
            "a port that is not opened",
            (container: Container) => container.ports?.push({ name: "admin", containerPort: 9000 }),
            "memory has nothing on its port admin, 9000",
          ],
        ])(
          "are caught with %s",
          async (_, change, problem) => {
            await expect(run(changed("memory", change))).rejects.toThrow(problem);
          },
          120_000,
        );
      });
    });
  });
});

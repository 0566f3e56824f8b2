/** What is deployed to watch Forerun asks for signals that there are, and every signal is watched. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locateBinary } from "@forerun/components/binaries";
import { startPrometheus } from "@forerun/components/prometheus";
import { METRICS, SPANS } from "@forerun/telemetry/names";
import { skipWithout } from "@forerun/testing/skip-without";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { until } from "./support/until.ts";

const FOLDER = join(ROOT, "deploy/observability");
const DASHBOARDS = join(FOLDER, "grafana/dashboards");
const EMITTED: ReadonlySet<string> = new Set(Object.values(METRICS));

type Alert = {
  alert: string;
  expr: string;
  labels: object;
  annotations: { summary: string; runbook: string };
};
type Target = { expr: string };
type Dashboard = {
  uid: string;
  title: string;
  panels: { title: string; description: string; targets: Target[] }[];
};

const rules = parse(readFileSync(join(FOLDER, "rules/forerun.rules.yml"), "utf8")) as {
  groups: { rules: Alert[] }[];
};
const alerts = rules.groups.flatMap((group) => group.rules);
const dashboards = readdirSync(DASHBOARDS).map(
  (file) => JSON.parse(readFileSync(join(DASHBOARDS, file), "utf8")) as Dashboard,
);
const shown = dashboards.flatMap(({ panels }) =>
  panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
);

/** The metrics that an expression asks for; a histogram's parts count as the histogram. */
function metricsIn(expr: string): string[] {
  const names = expr.match(/\b(?:forerun|process|nodejs)_[a-z0-9_]+/g) ?? [];
  return names.map((name) => (EMITTED.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "")));
}

function promtool(args: string[], input = ""): { code: number | null; said: string } {
  const run = spawnSync(locateBinary("promtool") ?? "promtool", args, {
    encoding: "utf8",
    cwd: FOLDER,
    input,
  });
  return { code: run.status, said: run.stdout + run.stderr };
}

describe("deploy/observability", () => {
  scenario("observability.names", async () => {
    const asked = [...alerts.map(({ expr }) => expr), ...shown].flatMap(metricsIn);
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((name) => !EMITTED.has(name))).toEqual([]);
    const watched = new Set(shown.flatMap(metricsIn));
    expect([...EMITTED].filter((name) => !watched.has(name))).toEqual([]);
  });

  scenario("observability.runbooks", async () => {
    const pages = readdirSync(join(ROOT, "docs/runbooks")).map((file) => `docs/runbooks/${file}`);
    expect(alerts.map(({ annotations }) => annotations.runbook).sort()).toEqual(pages.sort());
    for (const { alert, annotations } of alerts) {
      const page = readFileSync(join(ROOT, annotations.runbook), "utf8");
      expect(page).toMatch(new RegExp(`^# ${alert}\n[^]*What it means[^]*Look first[^]*What to do`));
    }
  });

  it("has dashboards that say what each panel shows, under ids of their own", () => {
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    const bare = dashboards.flatMap(({ panels }) => panels.filter(({ description }) => !description));
    expect(bare).toEqual([]);
  });

  it.each([
    ["docs/metrics.md", METRICS],
    ["docs/tracing.md", SPANS],
  ])("is explained in %s, name by name", (page, names) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    expect(Object.values(names).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

skipWithout("promtool")("promtool", () => {
  scenario("observability.rules", async () => {
    expect(promtool(["check", "config", "prometheus.yml"])).toMatchObject({ code: 0 });
    expect(promtool(["test", "rules", "rules/forerun.rules.test.yml"])).toMatchObject({ code: 0 });
  });

  scenario("observability.scrape", async () => {
    await using forerun = await startForerun();
    const asked = await fetch(`${forerun.ready.http}/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: "How many miles are 5 km?" }),
    });
    expect(asked.status).toBe(200);
    const exposition = await (await fetch(forerun.ready.metrics)).text();
    expect(exposition).toContain("forerun_turns_total");
    expect(promtool(["check", "metrics"], exposition)).toEqual({ code: 0, said: "" });
  });

  it("accepts every expression of the dashboards", () => {
    const folder = mkdtempSync(join(tmpdir(), "forerun-rules-"));
    try {
      const file = join(folder, "dashboards.yml");
      const rules = shown.map((expr, at) => ({ record: `panel:${at}`, expr }));
      writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboards", rules }] }));
      expect(promtool(["check", "rules", file])).toMatchObject({ code: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

skipWithout("prometheus")("Prometheus with this configuration", () => {
  scenario(
    "observability.prometheus",
    async () => {
      await using server = await startForerun();
      const folder = mkdtempSync(join(tmpdir(), "forerun-prometheus-"));
      try {
        cpSync(FOLDER, folder, { recursive: true });
        const config = join(folder, "prometheus.yml");
        const often = readFileSync(config, "utf8").replaceAll("15s", "1s");
        writeFileSync(config, often.replace("127.0.0.1:9464", new URL(server.ready.metrics).host));
        await using prometheus = await startPrometheus(config, join(folder, "data"));
        await ask(server.ready.http);
        const scraped = await untilScraped(prometheus.url, 'forerun_turns_total{state="completed"} > 0');
        expect(scraped).toMatchObject([{ metric: { job: "forerun", service: "chat" } }]);
        const { data } = (await (await fetch(`${prometheus.url}/api/v1/rules`)).json()) as {
          data: { groups: { rules: { health: string }[] }[] };
        };
        const health = data.groups.flatMap((group) => group.rules.map((rule) => rule.health));
        expect(health).toHaveLength(alerts.length);
        expect(health).not.toContain("err");
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    120_000,
  );
});

async function ask(http: string): Promise<void> {
  const body = JSON.stringify({ text: "17% of 2400" });
  const headers = { "content-type": "application/json" };
  expect((await fetch(`${http}/chat`, { method: "POST", headers, body })).status).toBe(200);
}

/** What Prometheus answers to a question once it has anything to say. */
async function untilScraped(url: string, query: string): Promise<unknown[]> {
  let result: unknown[] = [];
  await until(
    async () => {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
      ({ result } = ((await response.json()) as { data: { result: unknown[] } }).data);
      return result.length > 0;
    },
    "a scrape",
    60_000,
  );
  return result;
}

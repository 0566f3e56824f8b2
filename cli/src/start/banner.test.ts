import { describe, expect, it } from "vitest";
import { banner } from "./banner.ts";
import { readyLine, type Serving } from "./serving.ts";

const serving: Serving = {
  version: "0.1.0",
  http: "http://127.0.0.1:8080",
  grpc: "127.0.0.1:8081",
  metrics: "http://127.0.0.1:9464/metrics",
  ms: 1_412.6,
  model: null,
  embedder: null,
  store: "pglite",
  bus: "in-process",
  cache: "in-process",
  dataDir: "./data",
  tools: 7,
};

describe("the banner", () => {
  it("fits into 24 lines of 80 columns", () => {
    const lines = banner(serving);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("tells where it is, what it runs on and what to try", () => {
    const text = banner(serving).join("\n");
    expect(text).toContain("ready in 1.41 s");
    expect(text).toContain("http://localhost:8080");
    expect(text).toContain("MODEL_URL=");
    expect(text).toContain("./data (PGlite)");
    expect(text).toContain("7 ready");
    expect(text).toContain("npx forerun chat");
  });

  it("names the embedder where there is one", () => {
    expect(banner(serving).join("\n")).not.toContain("embedder");
    const text = banner({ ...serving, embedder: "local/mini@0a1b2c3d4e5f" }).join("\n");
    expect(text).toContain("embedder   local/mini@0a1b2c3d4e5f");
  });

  it("names the model and says nothing of how to get one when there is one", () => {
    const text = banner({ ...serving, model: "large", store: "postgres" }).join("\n");
    expect(text).toContain("model      large");
    expect(text).not.toContain("MODEL_URL");
    expect(text).toContain("Postgres");
  });
});

describe("a server beside the default port", () => {
  it("tells commands where it is", () => {
    const lines = banner({ ...serving, http: "http://127.0.0.1:18082" });
    expect(lines.join("\n")).toContain("FORERUN_URL=http://localhost:18082 npx forerun chat");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("the ready line", () => {
  it("is one line of JSON with the fields programs wait for, in their order", () => {
    expect(readyLine(serving, 17)).toBe(
      '{"event":"ready","version":"0.1.0","http":"http://127.0.0.1:8080","grpc":"127.0.0.1:8081","metrics":"http://127.0.0.1:9464/metrics","pid":17,"ms":1413,"model":null,"store":"pglite","bus":"in-process","cache":"in-process"}',
    );
  });
});

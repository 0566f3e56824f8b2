import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBinary } from "@forerun/components/binaries";
import { skipWithout } from "@forerun/testing/skip-without";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { bootstrap, render } from "./render.ts";
import { parseValues } from "./values.ts";

const run = promisify(execFile);

const LEAST = {
  listen: { host: "127.0.0.1", port: 8000 },
  upstream: { http: ["127.0.0.1:8080"], grpc: ["chat.forerun.svc:8081", "[::1]:8081"] },
  auth: { issuer: "https://issuer.test", jwks: "https://issuer.test/jwks.json" },
};

function valuesWith(more: object) {
  return parseValues(JSON.stringify({ ...LEAST, ...more }));
}

describe("a values file", () => {
  it.each([
    [{ colour: "red" }, 'Unrecognized key: "colour"'],
    [{ auth: { ...LEAST.auth, skew_seconds: 61 } }, "auth.skew_seconds: "],
    [{ upstream: { http: ["chat"], grpc: [] } }, "upstream.http.0: is no host:port"],
    [
      { upstream: { ...LEAST.upstream, tls: { ca: "ca.pem", server_name: "chat", key: "k" } } },
      "go together",
    ],
    [{ tracing: { url: "file:///etc/passwd" } }, "tracing.url: "],
  ])("is refused with the path of the fault: %j", (more, fault) => {
    expect(() => valuesWith(more)).toThrow(fault);
  });

  it("says the same however it is rendered", () => {
    const values = valuesWith({});
    expect(parse(render(values))).toEqual(JSON.parse(JSON.stringify(bootstrap(values))));
  });

  it("opens no admin interface unasked, and then on loopback alone", () => {
    expect(bootstrap(valuesWith({}))).not.toHaveProperty("admin");
    expect(bootstrap(valuesWith({ admin_port: 9901 }))).toMatchObject({
      admin: { address: { socket_address: { address: "127.0.0.1" } } },
    });
  });
});

skipWithout("envoy")("Envoy", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "forerun-gateway-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A certificate of its own, which is its own authority too. */
  async function certificate(): Promise<{ certificate: string; key: string }> {
    const files = { certificate: join(folder, "cert.pem"), key: join(folder, "key.pem") };
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=gateway"];
    await run("openssl", [...request, "-keyout", files.key, "-out", files.certificate]);
    return files;
  }

  async function validate(values: object): Promise<string> {
    const config = join(folder, "envoy.yaml");
    await writeFile(config, render(valuesWith(values)));
    const { stdout, stderr } = await run(findBinary("envoy"), ["--mode", "validate", "-c", config]);
    return stdout + stderr;
  }

  it("takes what the repository's values make, without a word of what is deprecated", async () => {
    const own = parse(await readFile(new URL("../values.yaml", import.meta.url), "utf8")) as object;
    const said = await validate(own);
    expect(said).toContain("OK");
    expect(said).not.toMatch(/deprecated/i);
  });

  it("takes every option at once", async () => {
    const { certificate: ca, key } = await certificate();
    const jwks = join(folder, "jwks.json");
    await writeFile(jwks, '{"keys":[]}');
    const said = await validate({
      hosts: ["chat.example.com", "*.example.org"],
      tls: { certificate: ca, key, client_ca: ca },
      upstream: { ...LEAST.upstream, tls: { ca, server_name: "chat", certificate: ca, key } },
      auth: { issuer: "x", audience: "y", jwks, jwks_seconds: 5, skew_seconds: 10 },
      origins: ["https://app.example.com"],
      trusted_proxies: 1,
      tracing: { url: "http://collector:4318", sample: 0.25 },
      admin_port: 9901,
      limits: {
        replicas: 3,
        rate: {
          service: { host: "ratelimit", port: 8081 },
          tenants: { acme: { requests: 9, window: "second" } },
        },
        allow: [
          { tenant: "acme", from: ["10.0.0.0/8", "fd00::/8"] },
          { path_prefix: "/v1/", from: ["192.0.2.1"] },
        ],
      },
    });
    expect(said).toContain("OK");
    expect(said).not.toMatch(/deprecated/i);
  });
});

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { startEnvoy } from "@forerun/components/envoy";
import type { Addresses } from "./addresses.ts";

const TLS = "/etc/envoy/tls";
const CONFIG = "/etc/envoy/config/envoy.yaml";
const LISTENER = 8443;
const OPEN_TRIES = 60;
const OPEN_EVERY_MS = 500;

export type Gateway = {
  /** Posts JSON with a token and resolves with the status and body. */
  post(path: string, token: string, body: object): Promise<{ status: number; body: string }>;
} & AsyncDisposable;

/** Starts Envoy with the configuration that the manifests hold, its files and addresses as they are here, and a certificate made now. */
export async function startGateway(folder: string, addresses: Addresses): Promise<Gateway> {
  const tls = join(folder, TLS);
  await mkdir(tls, { recursive: true });
  await makeCertificate(tls);
  const config = join(folder, CONFIG);
  await writeFile(config, await localised(await readFile(config, "utf8"), folder, addresses));
  const envoy = await startEnvoy(config);
  const port = await addresses.portOf("gateway", LISTENER);
  await untilOpen(port).catch(async (fault: unknown) => {
    await envoy[Symbol.asyncDispose]();
    throw fault;
  });
  const ca = await readFile(join(tls, "tls.crt"));
  return {
    post: (path, token, body) => post({ port, ca, path, token }, JSON.stringify(body)),
    [Symbol.asyncDispose]: () => envoy[Symbol.asyncDispose](),
  };
}

/** As its probe over TCP has it: workers open their listeners a moment after they start. */
async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const socket = connect(port, "127.0.0.1");
    const opened = await once(socket, "connect").catch((fault: unknown) => {
      if (tries === OPEN_TRIES) throw fault;
    });
    socket.destroy();
    if (opened) return;
    await delay(OPEN_EVERY_MS);
  }
}

async function makeCertificate(folder: string): Promise<void> {
  const [key, certificate] = [join(folder, "tls.key"), join(folder, "tls.crt")];
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  const out = ["-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext", names];
  await promisify(execFile)("openssl", ["req", "-x509", ...kind, ...out]);
}

async function localised(config: string, folder: string, addresses: Addresses): Promise<string> {
  const ADDRESS = /address: "?([^\s"]+)"?(\s+)port_value: (\d+)/g;
  const ports = new Map<string, number>();
  for (const [, host = "", , port] of config.matchAll(ADDRESS)) {
    const name = /^[\d.]+$/.test(host) ? "gateway" : host;
    ports.set(`${host}:${port}`, await addresses.portOf(name, Number(port)));
  }
  return config
    .replace(
      ADDRESS,
      (_, host, space, port) => `address: "127.0.0.1"${space}port_value: ${ports.get(`${host}:${port}`)}`,
    )
    .replaceAll(TLS, join(folder, TLS))
    .replaceAll("/etc/forerun/identity", join(folder, "/etc/forerun/identity"));
}

type Where = { port: number; ca: Buffer; path: string; token: string };

function post({ port, ca, path, token }: Where, body: string): Promise<{ status: number; body: string }> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, ca, path, method: "POST", headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    sent.once("error", reject).end(body);
  });
}

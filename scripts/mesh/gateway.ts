import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DEV_ISSUER, openDevIssuer } from "@forerun/auth/dev-issuer";
import { startEnvoy } from "@forerun/components/envoy";
import { freePort } from "@forerun/components/free-port";
import { render } from "@forerun/gateway/render";
import { parseValues } from "@forerun/gateway/values";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { MeshProcess } from "./start-mesh.ts";

/** Whose tokens a mesh takes, as the services read it from their environment. */
export type TokenEnvironment = { AUTH: "jwt"; JWT_ISSUER: string; JWT_AUDIENCE: string; JWKS: string };

export type MeshGateway = { url: string } & AsyncDisposable;

/** JWT_ISSUER and JWKS where both are set, else the development issuer of DATA_DIR, which `forerun token mint` signs for. */
export async function tokensOf(env: NodeJS.ProcessEnv): Promise<TokenEnvironment> {
  const shared = { AUTH: "jwt", JWT_AUDIENCE: env.JWT_AUDIENCE ?? "forerun" } as const;
  const { JWT_ISSUER, JWKS } = env;
  if (JWT_ISSUER && JWKS) return { ...shared, JWT_ISSUER, JWKS };
  const { jwksFile } = await openDevIssuer(resolve(env.DATA_DIR ?? "./data"));
  return { ...shared, JWT_ISSUER: DEV_ISSUER, JWKS: jwksFile };
}

/** An Envoy on a free port of this machine, before all chats that run now. */
export async function startGateway(
  processes: readonly MeshProcess[],
  { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWKS: jwks }: TokenEnvironment,
  env: NodeJS.ProcessEnv,
): Promise<MeshGateway> {
  const stack = new DisposalStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "forerun-gateway-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const port = await freePort();
    const chats = processes.filter(({ service }) => service === "chat");
    const collector = env.OTEL_EXPORTER_OTLP_ENDPOINT;
    const values = {
      listen: { host: "127.0.0.1", port },
      upstream: {
        http: chats.flatMap(({ http }) => (http ? [new URL(http).host] : [])),
        grpc: chats.map(({ grpc }) => grpc),
      },
      auth: { issuer, audience, jwks },
      ...(collector && { tracing: { url: collector } }),
    };
    const config = join(folder, "envoy.yaml");
    await writeFile(config, render(parseValues(JSON.stringify(values))));
    // Its log of requests stands beside those of the services.
    const onAccess = (line: string) => void process.stderr.write(`${line}\n`);
    stack.use(await startEnvoy(config, { onAccess }));
    return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}

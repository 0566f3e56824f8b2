import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEnvoy } from "@forerun/components/envoy";
import { freePort } from "@forerun/components/free-port";
import { render } from "@forerun/gateway/render";
import { parseValues } from "@forerun/gateway/values";
import { DisposalStack } from "@forerun/runtime/disposal";
import type { TestIssuer } from "@forerun/testing/tokens/test-issuer";

export type GatewayOptions = {
  /** Chat's doors: "http://127.0.0.1:8080" and "127.0.0.1:8081". */
  chat: { http: string; grpc: string };
  /** Whose tokens it takes, and for whom they are to be. */
  issuer: Pick<TestIssuer, "issuer" | "audience">;
  /** Path of its JWKS. */
  jwks: string;
  /** Other keys of the values file. */
  values?: object;
};

export type RunningGateway = {
  url: string;
  port: number;
  /** Lines of its access log so far. */
  access: readonly Record<string, unknown>[];
  /** Ends it at once, as a machine that dies would. */
  kill(): void;
} & AsyncDisposable;

/** A real Envoy with what a values file makes of it. */
export async function startGateway({ chat, issuer, jwks, values }: GatewayOptions): Promise<RunningGateway> {
  const stack = new DisposalStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), "forerun-gateway-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const port = await freePort();
    const written = {
      listen: { host: "127.0.0.1", port },
      upstream: { http: [new URL(chat.http).host], grpc: [chat.grpc] },
      auth: { issuer: issuer.issuer, audience: issuer.audience, jwks },
      ...values,
    };
    const config = join(folder, "envoy.yaml");
    await writeFile(config, render(parseValues(JSON.stringify(written))));
    const access: Record<string, unknown>[] = [];
    const server = stack.use(
      await startEnvoy(config, {
        onAccess: (line) => access.push(JSON.parse(line) as Record<string, unknown>),
      }),
    );
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      access,
      kill: () => void server.process.kill("SIGKILL"),
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (fault) {
    await stack[Symbol.asyncDispose]();
    throw fault;
  }
}

/** Replaces a file in one step, as a mounted secret is. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.next`, text);
  await rename(`${path}.next`, path);
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DisposalStack } from "@forerun/runtime/disposal";
import { type TestIssuer, testIssuer } from "@forerun/testing/tokens/test-issuer";
import { goodClaims, issued } from "@forerun/testing/tokens/token-case";
import { startForerun } from "./forerun-process.ts";
import { type RunningGateway, startGateway } from "./gateway.ts";
import { scratchFolder } from "./scratch-folder.ts";

export type Stand = {
  gateway: RunningGateway;
  issuer: TestIssuer;
  token: string;
  /** Starts another gateway before the same chat. */
  another(): Promise<RunningGateway>;
};

export type StandOptions = {
  /** Of the process with chat. */
  env?: Record<string, string>;
  /** Of the gateway. */
  values?: object;
  /** Public keys that the gateway finds among the issuer's. */
  strangeKeys?: readonly object[];
};

/** Runs with a real Envoy before a process with chat, which verify the tokens of one issuer. */
export async function behindGateway(
  run: (stand: Stand) => Promise<void>,
  { env = {}, values = {}, strangeKeys = [] }: StandOptions = {},
): Promise<void> {
  await using stack = new DisposalStack();
  const issuer = testIssuer();
  const folder = stack.use(await scratchFolder()).path;
  const write = async (name: string, keys: readonly object[]) => {
    await writeFile(join(folder, name), JSON.stringify({ keys }));
    return join(folder, name);
  };
  const { keys } = JSON.parse(issuer.jwks) as { keys: object[] };
  const JWKS = await write("jwks.json", keys);
  const jwks = await write("gateway-jwks.json", [...strangeKeys, ...keys]);
  const auth = { AUTH: "jwt", JWT_ISSUER: issuer.issuer, JWT_AUDIENCE: issuer.audience, JWKS };
  const { ready: chat } = stack.use(await startForerun({ ...auth, ...env }));
  const another = async () => stack.use(await startGateway({ chat, issuer, jwks, values }));
  await run({ gateway: await another(), issuer, another, token: issued(issuer, goodClaims(issuer)) });
}

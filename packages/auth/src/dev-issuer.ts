import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";

/** `iss` of tokens for development: never accepted in production, where nothing guards the key. */
export const DEV_ISSUER = "forerun-dev";

/** The development issuer's files: its private key, which its owner alone reads, and its public one as a JWKS. */
export type DevIssuer = Readonly<{ keyFile: string; jwksFile: string }>;

/** The development issuer of a data folder; its key pair (ES256) is made when it is first asked for. */
export async function openDevIssuer(dataDir: string): Promise<DevIssuer> {
  const folder = join(dataDir, "dev-issuer");
  const files = { keyFile: join(folder, "key.json"), jwksFile: join(folder, "jwks.json") };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const jwk = await readOrMakeKey(files.keyFile);
  const { d: _, ...shown } = jwk;
  await writeWhole(files.jwksFile, JSON.stringify({ keys: [shown] }), 0o644);
  return files;
}

/** What `/.well-known/jwks.json` of the development issuer answers with. */
export async function devJwks(dataDir: string): Promise<string> {
  const { jwksFile } = await openDevIssuer(dataDir);
  return readFile(jwksFile, "utf8");
}

async function readOrMakeKey(path: string): Promise<JWK> {
  const known = await readFile(path, "utf8").catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as JWK;
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig" };
  const named = { ...jwk, kid: await calculateJwkThumbprint(jwk) };
  // Of several processes that make it at once the first one's stands, whole: a name that is taken is not linked again.
  const part = await writePart(path, JSON.stringify(named), 0o600);
  await link(part, path).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== "EEXIST") throw fault;
  });
  await rm(part);
  return JSON.parse(await readFile(path, "utf8")) as JWK;
}

/** Readers see the old file or the new one, never a part. */
async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  await rename(await writePart(path, text, mode), path);
}

async function writePart(path: string, text: string, mode: number): Promise<string> {
  const part = `${path}.${randomUUID()}`;
  await writeFile(part, text, { mode });
  return part;
}

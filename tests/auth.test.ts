/** Chat's doors with AUTH=jwt: every good token comes in, and everything else is refused in one way. */
import { writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { claimSigner } from "@forerun/rpc/claim";
import { skipWithoutData } from "@forerun/testing/skip-without";
import { attackTokens } from "@forerun/testing/tokens/attack-tokens";
import { goodTokens } from "@forerun/testing/tokens/good-tokens";
import { testIssuer } from "@forerun/testing/tokens/test-issuer";
import { goodClaims, issued, type TokenCase } from "@forerun/testing/tokens/token-case";
import { jwsVectors, WYCHEPROOF } from "@forerun/testing/tokens/wycheproof";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { openCallStatus } from "./support/call-status.ts";
import { type RunningForerun, startForerun } from "./support/forerun-process.ts";
import { scenario } from "./support/scenario.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

type Headers = readonly (readonly [name: string, value: string])[];
type Answer = { status: number; body: string; headers: NodeJS.Dict<string | string[]> };

const KEY = Buffer.alloc(32, 7).toString("base64");
const REFUSED = '{"code":"unauthenticated","message":"invalid credentials"}';
const OPENAI_REFUSED = {
  error: {
    message: "invalid credentials",
    type: "invalid_request_error",
    param: null,
    code: "invalid_api_key",
  },
};
const CHAT = "/forerun.chat.v1.ChatService";

const issuer = testIssuer();
let folder: Awaited<ReturnType<typeof scratchFolder>>;
let forerun: RunningForerun;
let grpc: ReturnType<typeof openCallStatus>;
let http: string;

beforeAll(async () => {
  folder = await scratchFolder();
  const jwks = join(folder.path, "jwks.json");
  await writeFile(jwks, issuer.jwks);
  const env = { HOST: "0.0.0.0", AUTH: "jwt", JWT_ISSUER: issuer.issuer, JWKS: jwks, FORERUN_KEY: KEY };
  forerun = await startForerun(env);
  http = forerun.ready.http.replace("0.0.0.0", "127.0.0.1");
  grpc = openCallStatus(forerun.ready.grpc.replace("0.0.0.0", "127.0.0.1"));
}, 90_000);

afterAll(async () => {
  grpc.close();
  await forerun[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** A request with exactly these headers, doubled ones too. */
function send(method: string, path: string, headers: Headers, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = [["host", "forerun.example"], ["content-type", "application/json"], ...headers];
    const sent = request(`${http}${path}`, {
      method,
      headers: [...all, ["content-length", `${body.length}`]].flat() as never,
    });
    sent.once("error", reject).once("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
      );
    });
    sent.end(body);
  });
}

/** Each door, asked for something cheap: whether it let the caller in, refused as all are, or did something else. */
const DOORS: Readonly<Record<string, (headers: Headers) => Promise<"in" | "refused" | string>>> = {
  "/chat": async (headers) => verdict(await send("POST", "/chat", headers, "{}"), 400),
  Connect: async (headers) => verdict(await send("POST", `${CHAT}/ListConversations`, headers, "{}"), 200),
  "/v1": async (headers) => {
    const answer = await send("GET", "/v1/models", headers);
    if (answer.status !== 401) return verdict(answer, 200);
    expect(JSON.parse(answer.body)).toEqual(OPENAI_REFUSED);
    return verdict({ ...answer, body: REFUSED }, 200);
  },
  "/status": async (headers) => verdict(await send("GET", "/status", headers), 403, 200),
  gRPC: async (headers) => {
    // A client of HTTP/2 in Node sends none twice, and its server takes the first.
    if (headers.filter(([name]) => name === "authorization").length > 1) return "refused";
    const { code, details } = await grpc.call(`${CHAT}/ListConversations`, headers);
    if (code === status.OK) return "in";
    const refused = code === status.UNAUTHENTICATED && details === "invalid credentials";
    return refused ? "refused" : `${status[code]} ${details}`;
  },
};

function verdict({ status, body, headers }: Answer, ...welcome: number[]): string {
  if (welcome.includes(status)) return "in";
  const refused = status === 401 && body === REFUSED && headers["www-authenticate"] === "Bearer";
  return refused ? "refused" : `${status} ${body}`;
}

/** What went otherwise than it should, of all cases at all doors. */
async function wrongOf(cases: readonly TokenCase[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, authorization, accept } of cases) {
    const headers = authorization.map((value) => ["authorization", value] as const);
    const verdicts = await Promise.all(
      Object.entries(DOORS).map(async ([door, ask]) => [door, await ask(headers)] as const),
    );
    for (const [door, told] of verdicts)
      if (told !== (accept ? "in" : "refused")) wrong.push(`${name} at ${door}: ${told}`);
  }
  return wrong;
}

describe("with AUTH=jwt", () => {
  scenario(
    "auth.tokens",
    async () => {
      let asked = 0;
      const sink = createServer((_, response) => {
        asked += 1;
        response.end("{}");
      });
      await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
      const cases = attackTokens(issuer, `http://127.0.0.1:${(sink.address() as AddressInfo).port}`);
      expect(await wrongOf(cases)).toEqual([]);
      expect(asked).toBe(0);
      sink.close();
    },
    180_000,
  );

  scenario(
    "auth.headers",
    async () => {
      const claim = await claimSigner(KEY, "chat")({ tenant: "globex", subject: "u1", roles: ["admin"] });
      const forged: Headers = [
        ["forerun-caller", claim],
        ["fr-caller", claim],
        ["x-tenant-id", "globex"],
        ["x-forwarded-user", "root"],
        ["x-api-key", claim],
        ["cookie", `token=${issued(issuer, goodClaims(issuer))}`],
      ];
      for (const ask of Object.values(DOORS)) expect(await ask(forged)).toBe("refused");
      const bearer = (claims: object): Headers => [
        ["authorization", `Bearer ${issued(issuer, { ...goodClaims(issuer), ...claims })}`],
      ];
      const made = await send("POST", `${CHAT}/CreateConversation`, [...bearer({}), ...forged], "{}");
      expect(made.status).toBe(200);
      const seen = await send("POST", `${CHAT}/ListConversations`, bearer({ tenant: "globex" }), "{}");
      expect(seen.body).not.toContain("conversation_id");
    },
    60_000,
  );

  scenario("auth.open", async () => {
    for (const path of ["/healthz", "/readyz", "/"]) expect((await send("GET", path, [])).status).toBe(200);
    expect(await grpc.call("/grpc.health.v1.Health/Check", [])).toMatchObject({ code: status.OK });
  });

  scenario("auth.roles", async () => {
    const [good] = goodTokens(issuer);
    const asUser: Headers = [["authorization", good?.authorization[0] ?? ""]];
    expect(await grpc.call("/forerun.tool.v1.ToolService/Execute", asUser)).toMatchObject({
      code: status.PERMISSION_DENIED,
    });
    const operator = issued(issuer, { ...goodClaims(issuer), roles: ["operator"] });
    const asOperator: Headers = [["authorization", `Bearer ${operator}`]];
    expect((await send("GET", "/status", asOperator)).status).toBe(200);
    expect((await send("GET", "/status", asUser)).status).toBe(403);
    const told = await send("POST", `${CHAT}/Ask`, asOperator, '{"input":{"text":"hello"}}');
    expect([told.status, told.body]).toEqual([403, expect.stringContaining("FR-E1328")]);
  });
});

skipWithoutData(WYCHEPROOF)("Wycheproof's signatures and keys, as tokens", () => {
  scenario(
    "auth.wycheproof",
    async () => {
      const cases = jwsVectors().map(({ name, jws }) => ({
        name,
        authorization: [`Bearer ${jws}`],
        accept: false,
      }));
      expect(await wrongOf(cases)).toEqual([]);
      expect(cases.length).toBeGreaterThan(400);
    },
    180_000,
  );
});

import { readFileSync } from "node:fs";
import { sharedDataPath } from "../shared-data.ts";

/** A signed text (JWS compact) and the keys to judge it by, from Google's Wycheproof. */
export type JwsVector = Readonly<{ name: string; jws: string; valid: boolean; jwks: string }>;

export const WYCHEPROOF = "c_jwt";

type Group = {
  comment: string;
  public?: { keys?: object[] };
  private?: { keys?: object[] };
  tests: { tcId: number; comment: string; jws?: string; result: string }[];
};

/** All vectors of signatures and of keys. */
export function jwsVectors(): JwsVector[] {
  return ["signature", "key"].flatMap((kind) => {
    const path = sharedDataPath(`${WYCHEPROOF}/wycheproof_json_web_${kind}_test.json`);
    const { testGroups } = JSON.parse(readFileSync(path, "utf8")) as { testGroups: Group[] };
    return testGroups.flatMap((group) => vectorsOf(kind, group));
  });
}

function vectorsOf(kind: string, { comment, tests, ...group }: Group): JwsVector[] {
  const key = group.public ?? group.private;
  const jwks = JSON.stringify(key?.keys ? key : { keys: [key] });
  return tests.flatMap(({ tcId, comment: what, jws, result }) =>
    typeof jws === "string"
      ? [{ name: `${kind} ${tcId} ${comment}: ${what}`, jws, valid: result === "valid", jwks }]
      : [],
  );
}

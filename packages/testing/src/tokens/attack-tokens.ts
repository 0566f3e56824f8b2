import { claimAttacks } from "./claim-attacks.ts";
import { goodTokens } from "./good-tokens.ts";
import { keyAttacks } from "./key-attacks.ts";
import { shapeAttacks } from "./shape-attacks.ts";
import type { TestIssuer } from "./test-issuer.ts";
import type { TokenCase } from "./token-case.ts";

/** Everything to try at a door that takes this issuer's tokens, made now: good ones, and every kind of bad one. `sink` is an address that none of them may make anybody ask. */
export function attackTokens(issuer: TestIssuer, sink: string): TokenCase[] {
  return [
    ...goodTokens(issuer),
    ...keyAttacks(issuer, sink),
    ...claimAttacks(issuer),
    ...shapeAttacks(issuer),
  ];
}

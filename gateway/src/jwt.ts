import { JWKS } from "./clusters.ts";
import { isUrl, KEY_FILE_URL } from "./key-file.ts";
import { OPEN_PATHS } from "./paths.ts";
import { QUEUE_HEADER, TENANT_HEADER } from "./tenant-header.ts";
import { typed } from "./typed.ts";
import type { Values } from "./values.ts";

const NAME = "envoy.filters.http.jwt_authn";
const PROVIDER = "forerun";
const PAYLOAD = "payload";
const HEADER = "header";

/** Longest wait for a key server. */
const FETCH_WITHIN = "2s";

/** A scheme's case says nothing (RFC 9110); other spellings of it are not in use. */
const SCHEMES = ["Bearer ", "bearer "] as const;

/** Verifies the token of every request but those for open paths, and says whose it is to the filters that follow. */
export function jwtFilter(values: Values): object {
  const open = OPEN_PATHS.map((match) => ({ match }));
  const rest = { match: { prefix: "/" }, requires: { provider_name: PROVIDER } };
  return {
    name: NAME,
    typed_config: typed("extensions.filters.http.jwt_authn.v3.JwtAuthentication", {
      providers: { [PROVIDER]: provider(values) },
      rules: [...open, rest],
      strip_failure_response: true,
      bypass_cors_preflight: values.origins.length > 0,
    }),
  };
}

function provider({ auth }: Values): object {
  return {
    issuer: auth.issuer,
    ...keys(auth),
    clock_skew_seconds: auth.skew_seconds,
    require_expiration: true,
    // The header alone: by default a query parameter would do, which ends in logs.
    from_headers: SCHEMES.map((value_prefix) => ({ name: "authorization", value_prefix })),
    // Chat verifies it again.
    forward: true,
    claim_to_headers: [
      { header_name: TENANT_HEADER, claim_name: "tenant" },
      { header_name: QUEUE_HEADER, claim_name: "queue" },
    ],
    payload_in_metadata: PAYLOAD,
    header_in_metadata: HEADER,
    // The routes look at both.
    clear_route_cache: true,
  };
}

function keys({ jwks, jwks_seconds }: Values["auth"]): object {
  const shared = { cache_duration: `${jwks_seconds}s` };
  const from = (uri: string) => ({ http_uri: { uri, cluster: JWKS, timeout: FETCH_WITHIN } });
  // Fetched ahead, so that no request waits; what is inside the process is reached by the threads that serve alone.
  return isUrl(jwks)
    ? { remote_jwks: { ...from(jwks), ...shared, async_fetch: { failed_refetch_duration: "1s" } } }
    : { remote_jwks: { ...from(KEY_FILE_URL), ...shared } };
}

/**
 * Conditions of a route: a token was verified, is signed as contracts allow, is for us, and names one tenant by a name that tenants
 * can have. A number or a list is no name, whatever it would look like as text. The audience is looked at here since the filter
 * tells its caller by another status that it was nothing but the audience.
 */
export function soundToken({ auth }: Values): object[] {
  const forUs = { string_match: { exact: auth.audience } };
  const audience = { or_match: { value_matchers: [forUs, { list_match: { one_of: forUs } }] } };
  return [
    metadata([HEADER, "alg"], matching("RS256|ES256|EdDSA")),
    metadata([PAYLOAD, "aud"], audience),
    metadata([PAYLOAD, "tenant"], matching("[a-z0-9][a-z0-9-]{0,62}")),
  ];
}

/** Exactly one token in the one form that all verifiers read alike. */
export const SOUND_AUTHORIZATION = {
  name: "authorization",
  string_match: { safe_regex: { regex: "[Bb]earer [\\w-]+\\.[\\w-]+\\.[\\w-]+" } },
};

function metadata(path: readonly string[], value: object): object {
  return { filter: NAME, path: path.map((key) => ({ key })), value };
}

function matching(regex: string): object {
  return { string_match: { safe_regex: { regex } } };
}

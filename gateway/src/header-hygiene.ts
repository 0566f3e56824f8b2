import { typed } from "./typed.ts";

/**
 * Names that mean something inside. Whatever a client sends under them is gone before anything looks at the request: who calls
 * is told by the token, and Envoy's own headers would steer retries and timeouts.
 */
const OURS: readonly object[] = [
  { prefix: "x-forerun-", ignore_case: true },
  { prefix: "forerun-", ignore_case: true },
  { prefix: "fr-", ignore_case: true },
  { prefix: "x-envoy-", ignore_case: true },
  { exact: "x-tenant-id", ignore_case: true },
];

/** `early_header_mutation_extensions` of an HttpConnectionManager. */
export const HEADER_HYGIENE: readonly object[] = [
  {
    name: "header-hygiene",
    typed_config: typed("extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation", {
      mutations: OURS.map((key_matcher) => ({ remove_on_match: { key_matcher } })),
    }),
  },
];

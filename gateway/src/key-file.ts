import { dirname } from "node:path";
import { typed } from "./typed.ts";
import type { Values } from "./values.ts";

const LISTENER = "key-file";

/** Where the listener below answers, within the process. */
export const KEY_FILE_URL = `http://${LISTENER}/`;

/**
 * A JWKS that is a file, served by the gateway to itself: Envoy reads a file named in its token filter once, and fetches what has a
 * URL again and again. The listener is inside the process and has no port; what it answers follows the file.
 */
export function keyFileListener({ auth }: Values): object[] {
  if (isUrl(auth.jwks)) return [];
  const text = `%FILE_CONTENT(${auth.jwks}:${dirname(auth.jwks)})%`;
  const body_format = {
    text_format_source: { inline_string: text },
    formatters: [
      {
        name: "envoy.formatter.file_content",
        typed_config: typed("extensions.formatter.file_content.v3.FileContent"),
      },
    ],
  };
  const routes = [{ match: { prefix: "/" }, direct_response: { status: 200, body_format } }];
  const manager = typed("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: LISTENER,
    route_config: { virtual_hosts: [{ name: LISTENER, domains: ["*"], routes }] },
    http_filters: [
      { name: "envoy.filters.http.router", typed_config: typed("extensions.filters.http.router.v3.Router") },
    ],
  });
  return [
    {
      name: LISTENER,
      internal_listener: {},
      filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }],
    },
  ];
}

/** A cluster of that listener alone. */
export function keyFileCluster(name: string): object {
  const endpoint = { address: { envoy_internal_address: { server_listener_name: LISTENER } } };
  return {
    name,
    type: "STATIC",
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}

/** What a URL of keys is, and a path is not. */
export function isUrl(text: string): boolean {
  return URL.canParse(text);
}

/** Bootstrap extensions that it needs. */
export const INTERNAL_LISTENERS: readonly object[] = [
  {
    name: "envoy.bootstrap.internal_listener",
    typed_config: typed("extensions.bootstrap.internal_listener.v3.InternalListener"),
  },
];

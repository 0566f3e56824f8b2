import { ACCESS_LOG } from "./access-log.ts";
import { corsFilter } from "./cors.ts";
import { HEADER_HYGIENE } from "./header-hygiene.ts";
import { jwtFilter } from "./jwt.ts";
import { limitFilters } from "./limits/http-filters.ts";
import { httpLimits } from "./limits/http-limits.ts";
import { localReplies } from "./local-replies.ts";
import { routes } from "./routes.ts";
import { tracing } from "./tracing.ts";
import { typed } from "./typed.ts";
import type { Values } from "./values.ts";

/** HTTP as it is spoken at the public door: what is refused, in which order it is looked at, and where it goes. */
export function connectionManager(values: Values): object {
  return {
    name: "http",
    typed_config: typed("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
      codec_type: "AUTO",
      stat_prefix: "public",
      ...httpLimits(values.limits),
      early_header_mutation_extensions: HEADER_HYGIENE,
      use_remote_address: true,
      xff_num_trusted_hops: values.trusted_proxies,
      // Nobody is inside by an address: Envoy's own headers are nobody's to send.
      internal_address_config: { cidr_ranges: [{ address_prefix: "0.0.0.0", prefix_len: 32 }] },
      server_header_transformation: "PASS_THROUGH",
      always_set_request_id_in_response: true,
      ...tracing(values),
      access_log: ACCESS_LOG,
      local_reply_config: { mappers: localReplies() },
      route_config: routes(values),
      http_filters: [
        jwtFilter(values),
        ...corsFilter(values),
        ...limitFilters(values.limits),
        {
          name: "envoy.filters.http.router",
          typed_config: typed("extensions.filters.http.router.v3.Router", { suppress_envoy_headers: true }),
        },
      ],
    }),
  };
}

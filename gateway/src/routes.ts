import { CHAT_GRPC, CHAT_HTTP } from "./clusters.ts";
import { corsOfHost, PREFLIGHT } from "./cors.ts";
import { SOUND_AUTHORIZATION, soundToken } from "./jwt.ts";
import { envelopedBodySize } from "./limits/body-size.ts";
import { GRPC_PATHS, HTTP_PATHS, PAGE_PATHS } from "./paths.ts";
import { QUEUE_HEADER, TENANT_HEADER } from "./tenant-header.ts";
import type { Values } from "./values.ts";

/** Which request goes where. A host or a path that is not listed is answered here with 404, one without a sound token with 401. */
export function routes(values: Values): object {
  const verified = { headers: [SOUND_AUTHORIZATION], dynamic_metadata: soundToken(values) };
  const enveloped = { ...verified, headers: [ENVELOPED, ...verified.headers] };
  const typed_per_filter_config = envelopedBodySize(values.limits);
  return {
    // The host goes on as it came, with its port: chat compares it with a page's origin.
    ignore_port_in_host_matching: true,
    virtual_hosts: [
      {
        name: "forerun",
        domains: values.hosts,
        ...corsOfHost(values),
        request_headers_to_remove: [...OF_THE_GATEWAY, ...foreignPage(values)],
        routes: [
          ...preflights(values),
          answer({ path: "/healthz" }, 200, '{"status":"ok"}'),
          ...PAGE_PATHS.map((match) => ({ match: { ...match, headers: [GET] }, ...toChat(CHAT_HTTP) })),
          { match: { ...GRPC_PATHS, grpc: {}, ...verified }, ...toChat(CHAT_GRPC), typed_per_filter_config },
          ...HTTP_PATHS.flatMap((match) => [
            { match: { ...match, ...enveloped }, ...toChat(CHAT_HTTP), typed_per_filter_config },
            { match: { ...match, ...verified }, ...toChat(CHAT_HTTP) },
          ]),
          // That a path does not exist is told to those alone who might have asked there.
          answer({ prefix: "/", ...verified }, 404),
          answer({ prefix: "/" }, 401),
        ],
      },
    ],
  };
}

/** The inside reads who calls from the token, so that nothing there comes to trust a header. */
const OF_THE_GATEWAY = [TENANT_HEADER, QUEUE_HEADER, "x-envoy-external-address", "x-envoy-internal"];
const GET = { name: ":method", string_match: { safe_regex: { regex: "GET|HEAD" } } };
/** gRPC-Web and Connect's streams put each message into an envelope, as gRPC does. */
const ENVELOPED = {
  name: "content-type",
  string_match: { safe_regex: { regex: "application/(grpc-web|connect\\+).*" } },
};

/** An answer streams for as long as something passes; a request that certainly did not begin is made again, once, elsewhere. */
function toChat(cluster: string): object {
  return {
    route: {
      cluster,
      timeout: "0s",
      retry_policy: {
        retry_on: "connect-failure,refused-stream,reset-before-request",
        num_retries: 1,
        retry_host_predicate: [
          {
            name: "envoy.retry_host_predicates.previous_hosts",
            typed_config: {
              "@type":
                "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
            },
          },
        ],
        host_selection_retry_max_attempts: 3,
      },
    },
  };
}

/** Envoy answers preflights on routes that lead somewhere alone, though none is sent on. */
function preflights({ origins }: Values): object[] {
  return origins.length > 0 ? [{ match: { prefix: "/", headers: PREFLIGHT }, ...toChat(CHAT_HTTP) }] : [];
}

/** Origins are judged here, and chat would refuse those that are not its own. */
function foreignPage({ origins }: Values): string[] {
  return origins.length > 0 ? ["origin", "sec-fetch-site"] : [];
}

function answer(match: object, status: number, text?: string): object {
  const body = text === undefined ? {} : { body: { inline_string: text } };
  const json = { header: { key: "content-type", value: "application/json" } };
  return {
    match,
    direct_response: { status, ...body },
    ...(text !== undefined && {
      response_headers_to_add: [{ ...json, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" }],
    }),
  };
}

import { typed } from "./typed.ts";
import type { Values } from "./values.ts";

const OLDEST = { tls_minimum_protocol_version: "TLSv1_2" };

/** Fields of a filter chain: TLS towards clients, and a certificate asked of each where an authority for them is named. */
export function downstreamTls({ tls }: Values): object {
  if (!tls) return {};
  const config = typed("extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
    require_client_certificate: tls.client_ca !== undefined,
    common_tls_context: {
      tls_params: OLDEST,
      alpn_protocols: ["h2", "http/1.1"],
      tls_certificates: [certificate(tls.certificate, tls.key)],
      ...(tls.client_ca && { validation_context: { trusted_ca: { filename: tls.client_ca } } }),
    },
  });
  return { transport_socket: { name: "tls", typed_config: config } };
}

/** Fields of a cluster: TLS towards chat, whose certificate must be for the name that the values give. */
export function upstreamTls({ upstream: { tls } }: Values): object {
  if (!tls) return {};
  const { certificate: shown, key } = tls;
  const config = typed("extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
    sni: tls.server_name,
    common_tls_context: {
      tls_params: OLDEST,
      ...(shown && key && { tls_certificates: [certificate(shown, key)] }),
      validation_context: {
        trusted_ca: { filename: tls.ca },
        match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact: tls.server_name } }],
      },
    },
  });
  return { transport_socket: { name: "tls", typed_config: config } };
}

/** Fields of a cluster: TLS towards a public server, believed by the system's authorities. */
export function publicTls(serverName: string): object {
  const config = typed("extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
    sni: serverName,
    auto_sni_san_validation: true,
    common_tls_context: {
      tls_params: OLDEST,
      validation_context: { trusted_ca: { filename: "/etc/ssl/certs/ca-certificates.crt" } },
    },
  });
  return { transport_socket: { name: "tls", typed_config: config } };
}

function certificate(chain: string, key: string): object {
  return { certificate_chain: { filename: chain }, private_key: { filename: key } };
}

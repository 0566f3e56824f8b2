import { stringify } from "yaml";
import { chatClusters, jwksCluster, tracingCluster } from "./clusters.ts";
import { INTERNAL_LISTENERS, keyFileListener } from "./key-file.ts";
import { rateLimitCluster } from "./limits/global-rate.ts";
import { floodRuntime, overloadManager } from "./limits/overload.ts";
import { listener } from "./listener.ts";
import type { Values } from "./values.ts";

/** Envoy's bootstrap: one listener, chat behind it, and no way in for anybody who would change it. */
export function bootstrap(values: Values): object {
  return {
    node: { id: "forerun-gateway", cluster: "forerun-gateway" },
    static_resources: {
      listeners: [listener(values), ...keyFileListener(values)],
      clusters: [
        ...chatClusters(values),
        jwksCluster(values),
        ...tracingCluster(values),
        ...rateLimitCluster(values.limits),
      ],
    },
    bootstrap_extensions: INTERNAL_LISTENERS,
    overload_manager: overloadManager(values.limits),
    layered_runtime: { layers: [{ name: "gateway", static_layer: { ...floodRuntime(), ...REGEX_RUNTIME } }] },
    ...admin(values),
  };
}

/** A tenant's name is a pattern of up to 63 characters, which is a longer program than Envoy takes unasked. */
const REGEX_RUNTIME = { re2: { max_program_size: { error_level: 300, warn_level: 300 } } };

/** The same as the text of a configuration file. */
export function render(values: Values): string {
  return `# Made from a values file by \`npm run gateway:render\`: change that one.\n${stringify(
    bootstrap(values),
    {
      aliasDuplicateObjects: false,
      lineWidth: 0,
      // Envoy reads YAML 1.1, where a bare `y` or `0x1` is no text.
      defaultStringType: "QUOTE_DOUBLE",
      defaultKeyType: "PLAIN",
    },
  )}`;
}

function admin({ admin_port }: Values): object {
  if (admin_port === undefined) return {};
  return { admin: { address: { socket_address: { address: "127.0.0.1", port_value: admin_port } } } };
}

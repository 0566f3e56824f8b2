import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import { rateLimitService } from "../../gateway/src/limits/global-rate.ts";
import { render } from "../../gateway/src/render.ts";
import { parseValues, type Values } from "../../gateway/src/values.ts";
import { K8S } from "./combinations.ts";

const MADE = "# Made from ../gateway/values.yaml by `npm run k8s:gateway`: change that one.\n";

export function gatewayValues(): Values {
  return parseValues(readFileSync(join(K8S, "components/gateway/values.yaml"), "utf8"));
}

/** What is made from the gateway's values, by file: the configuration of Envoy, and the rates that its replicas share. */
function made(): Map<string, string> {
  const values = gatewayValues();
  return new Map([
    [join(K8S, "components/gateway/envoy.yaml"), render(values)],
    [join(K8S, "components/ratelimit/forerun.yaml"), MADE + stringify(rateLimitService(values.limits))],
  ]);
}

export function writeGatewayFiles(): void {
  for (const [path, text] of made()) writeFileSync(path, text);
}

/** A sentence for each file that is not what would be made now. */
export function staleGatewayFiles(): string[] {
  return [...made()]
    .filter(([path, text]) => readFileSync(path, "utf8") !== text)
    .map(([path]) => `${relative(K8S, path)} is not what its values make: run "npm run k8s:gateway"`);
}

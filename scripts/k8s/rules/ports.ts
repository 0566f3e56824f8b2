import { ENVIRONMENT } from "@forerun/runtime/environment";
import { type Container, isService, nameOf, serversOf } from "../manifest.ts";
import type { Rule } from "../rule.ts";

const DEFAULTS = ENVIRONMENT.pick({ PORT: true, GRPC_PORT: true, METRICS_ADDR: true }).parse({});

/** Ports are those of the contracts, by the names that people look for, and the services are told the same. */
const CONTRACT: Readonly<Record<string, { variable: string; port: number }>> = {
  http: { variable: "PORT", port: DEFAULTS.PORT },
  grpc: { variable: "GRPC_PORT", port: DEFAULTS.GRPC_PORT },
  metrics: { variable: "METRICS_ADDR", port: portIn(DEFAULTS.METRICS_ADDR) },
};

export const ports: Rule = {
  id: "ports",
  breaches: (objects) =>
    serversOf(objects)
      .filter(isService)
      .flatMap((workload) => {
        const wanted = workload.metadata.name === "chat" ? ["http", "grpc", "metrics"] : ["grpc", "metrics"];
        return workload.spec.template.spec.containers.flatMap((container) =>
          wanted
            .filter((name) => !isAsAgreed(name, container))
            .map((name) => `${nameOf(workload)}: port ${name} and its variable are not the contract's`),
        );
      }),
};

function isAsAgreed(name: string, { ports: open = [], env = [] }: Container): boolean {
  const agreed = CONTRACT[name];
  const told = env.find((variable) => variable.name === agreed?.variable)?.value ?? "";
  return (
    open.find((port) => port.name === name)?.containerPort === agreed?.port && portIn(told) === agreed?.port
  );
}

function portIn(text: string): number {
  return Number(text.slice(text.lastIndexOf(":") + 1));
}

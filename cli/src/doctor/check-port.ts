import { isFree } from "../start/choose-ports.ts";
import { portHolder } from "../start/port-holder.ts";
import { type Finding, fine, wrong } from "./finding.ts";

export type PortToCheck = {
  /** PORT, GRPC_PORT or METRICS_ADDR. */
  name: string;
  host: string;
  port: number;
  /** A person chose it, so it may not move. */
  chosen: boolean;
  /** Process of the server that runs already, if any. */
  ownerPid: number | undefined;
};

/** The port is free, or the running server's own; a default one may move. */
export async function checkPort({ name, host, port, chosen, ownerPid }: PortToCheck): Promise<Finding> {
  const check = `port ${name}`;
  if (port === 0) return fine(check, "any free one");
  if (await isFree(host, port)) return fine(check, `${port} is free`);
  const holder = portHolder(port);
  const who = holder ? `${holder.name} (process ${holder.pid})` : "another program";
  if (holder && holder.pid === ownerPid) return fine(check, `${port} is served by process ${holder.pid}`);
  if (!chosen) return fine(check, `${port} is taken by ${who}: start takes the next free one`);
  return wrong(check, `${port} is taken by ${who}`, `stop it, or set ${name} to another port`);
}

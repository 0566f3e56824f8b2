import { installLine } from "@forerun/components/binaries";

export const SERVICES = ["memory", "tool-executor", "router", "answer", "chat"] as const;

export type ServiceName = (typeof SERVICES)[number];

/** "router=2,answer=3" as a count for every service; those not named have one. Throws a sentence for the person who typed it. */
export function parseReplicas(text: string): Record<ServiceName, number> {
  const counts: Record<ServiceName, number> = {
    memory: 1,
    "tool-executor": 1,
    router: 1,
    answer: 1,
    chat: 1,
  };
  for (const part of text.split(",").filter(Boolean)) {
    const [name = "", count = ""] = part.split("=");
    const service = SERVICES.find((known) => known === name);
    if (!service) throw new Error(`--replicas: ${name} is no service; there are ${SERVICES.join(", ")}`);
    if (!/^[1-9][0-9]?$/.test(count)) throw new Error(`--replicas: ${name} needs a number from 1 to 99`);
    counts[service] = Number(count);
  }
  return counts;
}

/** Chats tell each other of their turns over NATS: without it there is one. Throws a sentence for the person who asked for more. */
export function checkReplicas(
  { chat }: Readonly<Record<ServiceName, number>>,
  natsUrl: string | undefined,
): void {
  if (chat > 1 && natsUrl === undefined) {
    throw new Error(
      `--replicas: chat=${chat} needs NATS: set NATS_URL, or run "${installLine("nats-server")}"; without it chat runs once`,
    );
  }
}

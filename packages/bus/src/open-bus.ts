import { randomUUID } from "node:crypto";
import { parseBrokerAddress } from "./broker-address.ts";
import type { Bus } from "./bus.ts";
import type { BusObserver } from "./bus-event.ts";
import { InProcessBus } from "./in-process-bus.ts";
import { NatsBus } from "./nats-bus.ts";
import { type Subjects, subjectsOf } from "./subjects.ts";

export type BusSettings = Readonly<{
  /** Address of NATS; without one the bus ends with this process. */
  url: string | undefined;
  env: string;
  lane: string;
  /** How this process is called at the broker. */
  name: string;
  observe: BusObserver;
}>;

export type OpenedBus = Readonly<{
  kind: "nats" | "in-process";
  bus: Bus;
  subjects: Subjects;
  /** Told of messages that its readers cannot read. */
  observe: BusObserver;
}>;

/** The bus that the settings name, and its subjects. A broker that is not there yet is no error: the bus connects when it is. */
export async function openBus({ url, env, lane, name, observe }: BusSettings): Promise<OpenedBus> {
  const subjects = subjectsOf({ env, lane });
  if (url === undefined) return { kind: "in-process", bus: new InProcessBus(), subjects, observe };
  const owner = randomUUID();
  const replies = {
    to: (request: number) => subjects.inbox(`r${request}`, owner),
    all: subjects.inboxes(owner),
  };
  const bus = await NatsBus.open({ broker: parseBrokerAddress(url), name, replies, observe });
  return { kind: "nats", bus, subjects, observe };
}

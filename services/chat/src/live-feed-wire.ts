/** What becomes durable of a turn, over the bus: to the replicas where somebody reads it. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { BusMessage } from "@forerun/bus/bus";
import type { OpenedBus } from "@forerun/bus/open-bus";
import { readAs } from "@forerun/bus/read-as";
import { LiveEventsSchema } from "@forerun/contracts/forerun/chat/v1/replica_pb";
import { READ_OPTIONS } from "@forerun/rpc/codec";
import { decodeEvents } from "./event-codec-wire.ts";
import type { HeardEvents, LiveFeed } from "./store/live-feed.ts";

/** Bytes of a message besides the events. */
const AROUND = 64;
/** Messages of one turn that may wait here to be read. */
const PENDING = 256;
const NOTHING: HeardEvents = { events: [], bytes: 0 };

/** A subscription for each turn that is watched: a replica hears nothing of the turns that nobody reads on it. */
export function busFeed({
  bus,
  subjects,
  observe,
}: Pick<OpenedBus, "bus" | "subjects" | "observe">): LiveFeed {
  return {
    publish({ tenant, turnId }, { epoch, firstSequence, data }) {
      // What is too large for the bus is only told of.
      const events = data.length + AROUND > bus.maxPayloadBytes ? new Uint8Array() : data;
      const message = create(LiveEventsSchema, { epoch, firstSequence, events });
      bus.publish(subjects.live(tenant, turnId), toBinary(LiveEventsSchema, message));
    },
    async follow({ tenant, turnId, traceId }, hear, signal) {
      const lost = () => hear(NOTHING);
      const messages = await bus.subscribe(subjects.live(tenant, turnId), { signal, pending: PENDING, lost });
      const decode = (data: Uint8Array): HeardEvents => {
        const { epoch, firstSequence, events } = fromBinary(LiveEventsSchema, data, READ_OPTIONS);
        return {
          events: decodeEvents(events, { turnId, traceId, epoch, firstSequence }),
          bytes: events.length,
        };
      };
      void hearAll(messages, (message) => readAs(message, decode, observe), hear);
    },
  };
}

async function hearAll(
  messages: AsyncIterable<BusMessage>,
  read: (message: BusMessage) => HeardEvents | undefined,
  hear: (heard: HeardEvents) => void,
): Promise<void> {
  for await (const message of messages) hear(read(message) ?? NOTHING);
}

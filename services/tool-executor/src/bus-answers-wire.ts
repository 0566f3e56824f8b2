/** What an executor tells of a call over the bus. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { Bus } from "@forerun/bus/bus";
import { CALL_ID_HEADER } from "@forerun/bus/call-headers";
import type { Subject } from "@forerun/bus/subject";
import {
  DeclineReason,
  type ExecuteResponse,
  ExecuteResponseSchema,
} from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { CallEvent } from "./tool-call.ts";
import { toWireEvent } from "./tool-wire.ts";

/** A call that waits for its place is heard of early. Whoever has called gives one up that misses some of the later signs. */
const FIRST_SIGN_MS = 50;
const SIGN_MS = 500;

/** The answers to one call, on the inbox that it names. Until it is disposed of, it says again and again that the call is alive. */
export class BusAnswers implements Disposable {
  readonly #bus: Bus;
  readonly #inbox: Subject;
  readonly #headers: Readonly<Record<string, string>>;
  #alive: NodeJS.Timeout;

  constructor(bus: Bus, inbox: Subject, callId: string) {
    this.#bus = bus;
    this.#inbox = inbox;
    this.#headers = { [CALL_ID_HEADER]: callId };
    this.#alive = setTimeout(() => this.#stayAlive(), FIRST_SIGN_MS);
  }

  tell(event: CallEvent): void {
    // Another executor may have a place for it, which a call over gRPC finds.
    if (event.kind === "failure" && event.code === "busy") this.decline(DeclineReason.BUSY);
    else this.#send(create(ExecuteResponseSchema, toWireEvent(event)));
  }

  /** Nothing has run: the call may be made over gRPC. */
  decline(reason: DeclineReason): void {
    this.#send(create(ExecuteResponseSchema, { event: { case: "declined", value: { reason } } }));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#alive);
  }

  #stayAlive(): void {
    try {
      this.#send(RUNNING);
      this.#alive = setTimeout(() => this.#stayAlive(), SIGN_MS);
    } catch {
      // The bus is closed: nobody is left to be told.
    }
  }

  #send(response: ExecuteResponse): void {
    this.#bus.publish(this.#inbox, toBinary(ExecuteResponseSchema, response), { headers: this.#headers });
  }
}

const RUNNING = create(ExecuteResponseSchema, { event: { case: "running", value: {} } });

import { DisconnectPolicy } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { describe, expect, it } from "vitest";
import { cancelOnLeave } from "./disconnect.ts";
import type { StopTurn } from "./stop-turn.ts";

function watch(disconnectPolicy: DisconnectPolicy, client: AbortSignal) {
  const stopped: string[] = [];
  const stopTurn: StopTurn = async (_caller, turnId, reason) => {
    stopped.push(`${turnId} ${reason}`);
    return { stoppedCallIds: [], effectedCallIds: [] };
  };
  const of = { caller: LOCAL_CALLER, turnId: "t1", client };
  return { stopped, held: cancelOnLeave({ stopTurn }, { disconnectPolicy }, of) };
}

describe("a client that leaves", () => {
  it("ends its turn under CANCEL", () => {
    const client = new AbortController();
    const { stopped } = watch(DisconnectPolicy.CANCEL, client.signal);
    expect(stopped).toEqual([]);
    client.abort();
    expect(stopped).toEqual(["t1 disconnect"]);
  });

  it("ends its turn under CANCEL when it left while the turn was accepted", () => {
    expect(watch(DisconnectPolicy.CANCEL, AbortSignal.abort()).stopped).toEqual(["t1 disconnect"]);
  });

  it.each([DisconnectPolicy.UNSPECIFIED, DisconnectPolicy.CONTINUE])(
    "leaves it running under %i",
    (policy) => {
      expect(watch(policy, AbortSignal.abort()).stopped).toEqual([]);
    },
  );

  it("ends nothing once its answer has been sent", () => {
    const client = new AbortController();
    const { stopped, held } = watch(DisconnectPolicy.CANCEL, client.signal);
    held[Symbol.dispose]();
    client.abort();
    expect(stopped).toEqual([]);
  });
});

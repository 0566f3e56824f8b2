import { openCache } from "@forerun/cache/open-cache";
import type { ExecuteResponse, Result } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import { asCaller } from "@forerun/rpc/call-context";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { metrics } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { collect } from "./fixtures/collect.ts";
import { never } from "./fixtures/domain.ts";
import { startService } from "./fixtures/running-service.ts";

const local = () => asCaller(LOCAL_CALLER, { signal: never() });

test("over gRPC an early result is reused once its call is committed, and says so", async () => {
  await using cache = openCache({ meter: metrics.getMeter("test") });
  await using service = await startService({ cache });
  const { client } = service;
  const convert = async (turnId: string, early: boolean): Promise<Result> => {
    const call = { callId: "c1", name: "convert_units", arguments: { value: 5, from: "km", to: "miles" } };
    return resultOf(await collect(client.execute({ call, turnId, early }, local())));
  };
  const first = await convert("t1", true);
  expect(first.reused).toBeUndefined();
  expect(await client.commit({ turnId: "t9", callIds: ["c1"] }, local())).toMatchObject({ committed: 0 });
  expect(await client.commit({ turnId: "t1", callIds: ["c1", "c2"] }, local())).toMatchObject({
    committed: 1,
  });
  const second = await convert("t2", false);
  expect(second).toMatchObject({ reused: { layer: "l1" }, rendered: first.rendered });
  expect(second.output).toEqual(first.output);
});

function resultOf(events: readonly ExecuteResponse[]): Result {
  const last = events.at(-1)?.event;
  if (last?.case !== "result") throw new Error(`ended with ${last?.case}`);
  return last.value;
}

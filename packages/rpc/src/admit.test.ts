import { Code } from "@connectrpc/connect";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { silentLogger } from "@forerun/runtime/logger";
import { ContractService } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { expect, it } from "vitest";
import { admit, callPlaces } from "./admit.ts";
import { asCaller } from "./call-context.ts";
import { createMeshClient } from "./client.ts";
import { readError } from "./error-details.ts";
import { contractService, MAX_BYTES } from "./fixtures/contract-service.ts";
import { all, failureOf } from "./fixtures/requests.ts";
import { createLocalTransport } from "./local.ts";

const loud = asCaller(LOCAL_CALLER, { signal: new AbortController().signal });
const quiet = asCaller({ ...LOCAL_CALLER, tenant: "quiet" }, { signal: new AbortController().signal });

it("refuses a call too many before it does any work, with a hint, and not those of another tenant", async () => {
  const { binding, handle } = contractService();
  const places = callPlaces({ running: 2, perTenant: 1, waiting: 0 });
  let begun = 0;
  handle({
    async *count({ to }, ctx) {
      using _place = await admit(places, ctx);
      begun++;
      for (let number = 0; number < to; number++) yield { number };
    },
  });
  const options = { messages: "clone", maxMessageBytes: MAX_BYTES, log: silentLogger } as const;
  const client = createMeshClient(ContractService, createLocalTransport([binding], options));
  const open = client.count({ to: 1_000 }, loud)[Symbol.asyncIterator]();
  await open.next();
  expect(readError(await failureOf(all(client.count({ to: 1 }, loud))))).toMatchObject({
    status: Code.ResourceExhausted,
    code: "FR-E1306",
    retryAfterMs: 1_000,
  });
  expect(begun).toBe(1);
  expect(await all(client.count({ to: 1 }, quiet))).toHaveLength(1);
  await open.return?.();
  while (places.room < 2) await new Promise(setImmediate);
  expect(await all(client.count({ to: 1 }, loud))).toHaveLength(1);
});

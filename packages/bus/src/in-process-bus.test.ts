import { busContract } from "./fixtures/bus-contract.ts";
import { InProcessBus } from "./in-process-bus.ts";

busContract("in process", async () => {
  const bus = new InProcessBus();
  return [bus, bus];
});

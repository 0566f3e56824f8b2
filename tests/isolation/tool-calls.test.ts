/** Calls of tools under the same ids from two tenants: each cancels, commits and repeats its own. */
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import { CallStop } from "@forerun/tool-executor/call-stop";
import { endOf, executorWith, tool } from "@forerun/tool-executor/fixtures/domain";
import { invocationOf } from "@forerun/tool-executor/invocations/invocation";
import { RunningCalls } from "@forerun/tool-executor/running-calls";
import { describe, expect, it } from "vitest";

const of = (tenant: string): Caller => ({ ...LOCAL_CALLER, tenant });
const ACME = of("acme");
const GLOBEX = of("globex");
const CALL = { turnId: "t1", callId: "c1" };

describe("calls with one id of two tenants", () => {
  it("are cancelled and decided for each by its own tenant", () => {
    const calls = new RunningCalls();
    const running = () => ({ stop: new CallStop(new AbortController().signal), attempt: 1, decided: false });
    const [acmes, globexes] = [running(), running()];
    using _acmes = calls.add(ACME, CALL, acmes);
    expect(calls.cancel(GLOBEX, CALL)).toBe(false);
    expect(calls.decide(GLOBEX, CALL)).toBe(false);
    using _globexes = calls.add(GLOBEX, CALL, globexes);
    expect(calls.cancel(GLOBEX, CALL)).toBe(true);
    expect({ acme: acmes.stop.reason, globex: globexes.stop.reason }).toEqual({
      acme: undefined,
      globex: "cancelled",
    });
    expect(acmes.decided).toBe(false);
  });

  it("that change something happen once for each tenant", async () => {
    let effects = 0;
    const { executor } = executorWith(
      tool({
        effect: "write",
        run: async () => ({ effects: ++effects }),
      }),
    );
    for (const caller of [ACME, ACME, GLOBEX, GLOBEX]) await endOf(executor, CALL, caller);
    expect(effects).toBe(2);
  });

  it("are known to whatever they change by names of their own", () => {
    const { registry } = executorWith(tool({ effect: "write" }));
    const lookup = registry.find("probe", "");
    if (lookup.kind !== "found") throw new Error("the tool is not there");
    const prepared = { kind: "prepared", registered: lookup.tool, arguments: {}, input: {} } as const;
    const ids = [ACME, GLOBEX, ACME].map(
      (caller) => invocationOf(prepared, { ...CALL, trace: undefined }, caller).id,
    );
    expect(ids[0]).toBe(ids[2]);
    expect(ids[0]).not.toBe(ids[1]);
  });
});

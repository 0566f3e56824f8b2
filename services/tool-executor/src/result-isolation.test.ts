/** What must hold of kept results whatever is called, in whatever order. */
import { openCache } from "@forerun/cache/open-cache";
import { type Caller, LOCAL_CALLER } from "@forerun/runtime/caller";
import type { JsonObject } from "@forerun/toolkit";
import { metrics } from "@opentelemetry/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { endOf, executorOn, tool } from "./fixtures/domain.ts";

const of = (tenant: string): Caller => ({ ...LOCAL_CALLER, tenant });

/** An executor that keeps results, around a tool that says whom it ran for and which of its runs it was. */
function keeping() {
  const cache = openCache({ meter: metrics.getMeter("test") });
  let runs = 0;
  const probe = tool({
    effect: "read",
    cacheTtlMs: 60_000,
    run: async (args, { caller }) => ({ args, tenant: caller.tenant, run: ++runs }),
  });
  return { ...executorOn(cache, probe), runs: () => runs, [Symbol.asyncDispose]: cache[Symbol.asyncDispose] };
}

const plain = fc
  .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map((made) => JSON.parse(JSON.stringify(made)) as JsonObject)
  .filter((made) => !Object.hasOwn(made, "__proto__"));

test("no tenant is ever given what was found out for another: 2,000 pairs of equal calls", async () => {
  await using kept = keeping();
  const tenant = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,3}$/);
  const pair = fc.record({ args: plain, tenants: fc.tuple(tenant, tenant) });
  for (const { args, tenants } of fc.sample(pair, 2_000)) {
    for (const asking of tenants) {
      expect(await endOf(kept.executor, { arguments: args }, of(asking))).toMatchObject({
        output: { args, tenant: asking },
      });
    }
  }
});

type Act = { what: "early" | "commit" | "decided"; turn: number; args: number };

/** `args` is all that an early call of a turn is known by here, so it is its id too. */
const act = fc.record<Act>({
  what: fc.constantFrom("early", "commit", "decided"),
  turn: fc.nat({ max: 2 }),
  args: fc.nat({ max: 2 }),
});

test("nothing is used again that no decision asked for: 500 random histories", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
      await using kept = keeping();
      // What the record holds by arguments, and what each early call brought, by turn and arguments.
      const record = new Map<number, number>();
      const held = new Map<string, number>();
      for (const { what, turn, args } of acts) {
        const id = { turnId: `t${turn}`, callId: `c${args}` };
        const key = `${turn} ${args}`;
        if (what === "commit") {
          const brought = held.get(key);
          expect(await kept.executor.commit(LOCAL_CALLER, id)).toBe(brought !== undefined);
          if (brought !== undefined) record.set(args, brought);
          continue;
        }
        const early = what === "early";
        const before = kept.runs();
        const end = await endOf(kept.executor, { ...id, early, arguments: { args } });
        const run = end.kind === "result" ? (end.output as { run: number }).run : undefined;
        const known = record.get(args);
        expect(run).toBe(known ?? before + 1);
        if (known === undefined && early) held.set(key, before + 1);
        if (known === undefined && !early) record.set(args, before + 1);
      }
    }),
    { numRuns: 500 },
  );
});

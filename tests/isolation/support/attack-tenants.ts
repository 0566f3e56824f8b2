/** Every tenant attacks every other at every method. */

import { ATTACKS } from "./attacks.ts";
import { type Doors, openDoors, type Way } from "./caller-at-a-door.ts";
import type { FiveServices } from "./five-services.ts";
import { callerOf, inventory, type Loot, nothing, settle } from "./loot.ts";

export type Report = Readonly<{
  tries: number;
  /** What must not have been: which method told whom of what, or changed it. */
  leaks: readonly string[];
  /** Tries by method. */
  methods: ReadonlyMap<string, number>;
}>;

export async function attackTenants(services: FiveServices, tenants: number): Promise<Report> {
  using doors = openDoors(services);
  const settled: Loot[] = [];
  for (let at = 0; at < tenants; at += 1)
    settled.push(await settle(doors, `tenant-${at}`, `zwillik${at.toString(36)}x`));
  const before = await Promise.all(settled.map((loot) => inventory(doors, loot)));
  const assault = new Assault(doors, settled);
  for (const thief of settled) {
    const victims = settled.filter((victim) => victim !== thief);
    for (const victim of victims) await assault.run(thief, victim);
  }
  const after = await Promise.all(settled.map((loot) => inventory(doors, loot)));
  settled.forEach(({ tenant }, at) => {
    // A thief's own attempts may add to what it owns; what was there has to be there as it was.
    if (JSON.stringify(after[at]) !== JSON.stringify(before[at])) assault.leaks.push(`${tenant} was changed`);
  });
  return assault;
}

class Assault implements Report {
  tries = 0;
  readonly leaks: string[] = [];
  readonly methods = new Map<string, number>();
  readonly #doors: Doors;
  readonly #all: readonly Loot[];

  constructor(doors: Doors, all: readonly Loot[]) {
    this.#doors = doors;
    this.#all = all;
  }

  async run(thief: Loot, victim: Loot): Promise<void> {
    for (const way of this.#doors.ways) {
      const { name } = way;
      const attack = ATTACKS[name];
      if (!attack) throw new Error(`nobody has written an attack on ${name}`);
      const absent = nothing(victim);
      const missing = attack.requests(absent);
      for (const [at, request] of attack.requests(victim).entries()) {
        const there = await this.#try(way, request, thief, victim);
        const answered = there.startsWith("OK");
        if (answered && attack.expects === "refused") this.leaks.push(`${name} was not refused: ${there}`);
        // What nobody answers shows nothing here.
        if (!answered && attack.expects === "own") this.leaks.push(`${name} was not tried: ${there}`);
        if (attack.expects === "own") continue;
        const nowhere = await this.#try(way, missing[at] ?? {}, thief, victim);
        if (masked(there, victim) !== masked(nowhere, absent))
          this.leaks.push(`${name} tells what is another's from what is not: ${there} / ${nowhere}`);
      }
    }
  }

  async #try(way: Way, request: object, thief: Loot, victim: Loot): Promise<string> {
    const { name } = way;
    const as = { caller: callerOf(thief.tenant), headers: spoofed(victim.tenant, this.tries) };
    const { text, code } = await this.#doors.call(way, request, as);
    this.tries += 1;
    this.methods.set(name, (this.methods.get(name) ?? 0) + 1);
    const others = this.#all.filter((other) => other !== thief && text.includes(other.canary));
    for (const other of others) this.leaks.push(`${name} told ${thief.tenant} of ${other.tenant}`);
    return `${code ?? "OK"} ${text}`;
  }
}

/** Headers by which somebody may hope to be taken for another; one set after the other. */
function spoofed(tenant: string, at: number): Record<string, string> {
  const sets: Record<string, string>[] = [
    {},
    { "x-tenant-id": tenant },
    { "x-forerun-tenant": tenant, "x-forerun-subject": "someone" },
    { "forerun-tenant": tenant, tenant, "x-forwarded-user": tenant },
    { "forerun-caller": JSON.stringify({ tenant, subject: "someone", roles: ["admin"] }) },
  ];
  return sets[at % sets.length] ?? {};
}

/** A text without the names of what was asked for, nor when and under which trace. */
function masked(text: string, { tenant, conversationId, turnId, documentId, idempotencyKey }: Loot): string {
  return [conversationId, turnId, documentId, idempotencyKey, tenant]
    .reduce((rest, id) => rest.replaceAll(id, "ID"), text)
    .replaceAll(/[0-9a-f]{32}/g, "TRACE");
}

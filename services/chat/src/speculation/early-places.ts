/**
 * Early calls that may run at one time, of one tool and for one tenant: guesses must not take the executor's places (16 a tool)
 * from calls that are decided, nor one tenant's guesses those of the others.
 */
const MOST = { tool: 8, tenant: 32 };

/** The early calls that run in this process. */
export class EarlyPlaces {
  readonly #taken = new Map<string, number>();

  /** A place until it is disposed of; undefined when the tool or the tenant has as many as it may. */
  take(tenant: string, tool: string): Disposable | undefined {
    const ofTool = `tool ${tool}`;
    const ofTenant = `tenant ${tenant}`;
    if (this.#count(ofTool) >= MOST.tool || this.#count(ofTenant) >= MOST.tenant) return undefined;
    for (const key of [ofTool, ofTenant]) this.#taken.set(key, this.#count(key) + 1);
    return {
      [Symbol.dispose]: () => {
        for (const key of [ofTool, ofTenant]) this.#leave(key);
      },
    };
  }

  #leave(key: string): void {
    const left = this.#count(key) - 1;
    if (left > 0) this.#taken.set(key, left);
    else this.#taken.delete(key);
  }

  #count(key: string): number {
    return this.#taken.get(key) ?? 0;
  }
}

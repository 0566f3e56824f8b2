import type { Database } from "./database.ts";

/** `warm` begins to open without waiting; a failure shows at the first use, which tries again. */
export type LazyDatabase = Database & { warm(): void };

/** A database that is opened at its first use; one that failed to open is tried again at the next. */
export function lazyDatabase(open: () => Promise<Database>): LazyDatabase {
  let opened: Promise<Database> | undefined;
  const get = () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    warm: () => void get().catch(() => {}),
    tx: async (...args) => (await get()).tx(...args),
    query: async (...args) => (await get()).query(...args),
    system: async (...args) => (await get()).system(...args),
    systemQuery: async (...args) => (await get()).systemQuery(...args),
    async [Symbol.asyncDispose]() {
      const database = await opened?.catch(() => undefined);
      await database?.[Symbol.asyncDispose]();
    },
  };
}

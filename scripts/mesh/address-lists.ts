import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVICES, type ServiceName } from "./replicas.ts";

/** Where the replicas of each service are: a file with an address a line, which clients watch. */
export type AddressLists = {
  /** For a service's `…_ADDR`. */
  addressOf(service: ServiceName): string;
  write(service: ServiceName, addresses: readonly string[]): Promise<void>;
} & AsyncDisposable;

/** Lists in a folder of their own, empty at first; disposing removes it. */
export async function openAddressLists(): Promise<AddressLists> {
  const folder = await mkdtemp(join(tmpdir(), "forerun-mesh-"));
  const listOf = (service: ServiceName) => join(folder, service);
  await Promise.all(SERVICES.map((service) => writeFile(listOf(service), "")));
  // One after the other, so that the last one written is the last one meant.
  let writing = Promise.resolve();
  const replace = async (service: ServiceName, addresses: readonly string[]) => {
    const next = `${listOf(service)}.next`;
    await writeFile(next, addresses.map((address) => `${address}\n`).join(""));
    // In one step: nobody reads half a list.
    await rename(next, listOf(service));
  };
  return {
    addressOf: (service) => `file://${listOf(service)}`,
    write(service, addresses) {
      writing = writing.then(() => replace(service, addresses));
      return writing;
    },
    async [Symbol.asyncDispose]() {
      await writing;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

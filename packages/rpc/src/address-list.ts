import { type FSWatcher, readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { type ChannelOptions, experimental, Metadata, status } from "@grpc/grpc-js";

const SCHEME = "file";

/** Where a mounted ConfigMap's files link to; Kubernetes replaces it, and never the files. */
const MOUNTED_DATA = "..data";

/**
 * Resolver of `file:///path/to/list`: one host:port a line, `#` begins a comment. A change is in use at once. A list that is
 * missing, empty or holds a bad line counts as broken: the last good one stays.
 */
class AddressListResolver implements experimental.Resolver {
  readonly #path: string;
  readonly #listener: experimental.ResolverListener;
  #watcher: FSWatcher | undefined;
  #known = "";

  constructor(
    target: experimental.GrpcUri,
    listener: experimental.ResolverListener,
    _options: ChannelOptions,
  ) {
    this.#path = `/${target.path.replace(/^\//, "")}`;
    this.#listener = listener;
  }

  static getDefaultAuthority(): string {
    return "localhost";
  }

  /** grpc-js asks at the start and whenever a connection fails, and must not be answered before this returns. */
  updateResolution(): void {
    this.#watcher ??= this.#watch();
    setImmediate(() => this.#read());
  }

  destroy(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#known = "";
  }

  /** Watches the folder, since a list is often replaced by a rename: its own, or that of what it links to. */
  #watch(): FSWatcher | undefined {
    try {
      const name = basename(this.#path);
      const watcher = watch(dirname(this.#path), { persistent: false }, (_event, changed) => {
        if (changed === null || changed === name || changed === MOUNTED_DATA) this.#read();
      });
      watcher.on("error", () => this.destroy());
      return watcher;
    } catch {
      // No such folder yet: the next updateResolution tries again.
      return undefined;
    }
  }

  #read(): void {
    const endpoints = readAddressList(this.#path);
    if (!endpoints) {
      if (this.#known === "") this.#fail();
      return;
    }
    const list = JSON.stringify(endpoints);
    if (list === this.#known) return;
    this.#known = list;
    this.#listener(experimental.statusOrFromValue(endpoints), {}, null, "");
  }

  #fail(): void {
    const details = "the address list cannot be read";
    const fault = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
    this.#listener(experimental.statusOrFromError(fault), {}, null, details);
  }
}

/** Endpoints of a list, or undefined when it is broken. */
export function readAddressList(path: string): experimental.Endpoint[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim());
  const endpoints = lines.filter((line) => line !== "").map(parseEndpoint);
  const good = endpoints.filter((endpoint) => endpoint !== undefined);
  return good.length > 0 && good.length === endpoints.length ? good : undefined;
}

function parseEndpoint(line: string): experimental.Endpoint | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([\w.-]+)):(\d{1,5})$/.exec(line);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host && port > 0 && port < 65_536 ? { addresses: [{ host, port }] } : undefined;
}

/** Teaches grpc-js the scheme; doing so again changes nothing. */
export function registerAddressLists(): void {
  experimental.registerResolver(SCHEME, AddressListResolver);
}

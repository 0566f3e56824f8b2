import { freePort } from "@forerun/components/free-port";

/** What was mapped to what, as a person reads it. */
export type Say = (line: string) => void;

/**
 * Gives every `host:port` of a cluster a free port of this machine, or one that something serves already, and says so. Nothing else
 * of a value is changed.
 */
export class Addresses {
  readonly #ports = new Map<string, Promise<number>>();
  readonly #say: Say;

  constructor(say: Say) {
    this.#say = say;
  }

  /** What is reached by this name is on this port. */
  set(host: string, port: number, local: number): void {
    this.#ports.set(`${host}:${port}`, Promise.resolve(local));
    this.#say(`address  ${host}:${port} is 127.0.0.1:${local}`);
  }

  /** The port here that stands for one of a host. */
  portOf(host: string, port: number): Promise<number> {
    const name = `${host}:${port}`;
    const known = this.#ports.get(name);
    if (known) return known;
    const made = freePort();
    this.#ports.set(name, made);
    void made.then((local) => this.#say(`address  ${name} is 127.0.0.1:${local}`));
    return made;
  }

  /** A value with each `//host:port` in it, but those of this machine and of the world, as it is here. */
  async localise(value: string): Promise<string> {
    const found = /\/\/([a-z][a-z0-9-]*):(\d+)/.exec(value);
    if (!found) return value;
    const local = await this.portOf(found[1] ?? "", Number(found[2]));
    return value.replace(found[0], `//127.0.0.1:${local}`);
  }
}

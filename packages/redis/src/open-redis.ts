/** One connection to Redis, for what replicas share and can do without. The only file that knows the client library. */
import type { Logger } from "@forerun/runtime/logger";
import { METRICS } from "@forerun/telemetry/names";
import type { Counter, Meter } from "@opentelemetry/api";
import { Redis as Client } from "ioredis";
import { inTime, TimedOut } from "./in-time.ts";
import type { Script } from "./script.ts";

export type RedisOptions = Readonly<{
  /** redis:// or rediss://, with user, password and database where they are needed. */
  url: string;
  meter: Meter;
  log: Logger;
  /** Longest wait for an answer, in milliseconds. */
  timeoutMs?: number;
  /** After an answer that did not come, nothing is asked for so many milliseconds. */
  restMs?: number;
}>;

/** What is kept under a key; "away" when Redis does not say. */
export type Looked =
  | Readonly<{
      kind: "found";
      text: string;
      /** Milliseconds until it is gone, by Redis's own clock. */
      restMs: number;
    }>
  | Readonly<{ kind: "nothing" }>
  | Readonly<{ kind: "away" }>;

const TIMEOUT_MS = 100;
const REST_MS = 1_000;
const CONNECT_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;

/** Begins to connect and does not wait for it: until Redis is there, it is away. Throws for a URL that is none. */
export function openRedis(options: RedisOptions): Redis {
  const client = new Client(options.url, {
    connectTimeout: CONNECT_MS,
    // What cannot be asked now is not asked later: whoever asked has gone on without it.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (tries) => Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2),
    // A primary that has become a replica: its name may lead to the new primary.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  });
  return new Redis(client, options);
}

/**
 * Texts under keys, for a while. No method rejects, and none waits longer than the time-out: a Redis that is down, slow or
 * refuses is away, and one that has not answered is left alone until it answers a ping.
 */
export class Redis implements AsyncDisposable {
  readonly #client: Client;
  readonly #timeoutMs: number;
  readonly #restMs: number;
  readonly #log: Logger;
  readonly #commands: Counter;
  #resting: NodeJS.Timeout | undefined;
  #told: boolean | undefined;

  constructor(client: Client, { meter, log, timeoutMs = TIMEOUT_MS, restMs = REST_MS }: RedisOptions) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#restMs = restMs;
    this.#log = log;
    this.#commands = meter.createCounter(METRICS.redisCommands, {
      description: "Commands to Redis by how they ended: ok, away (not even sent), timeout, refused, broken.",
    });
    const up = meter.createObservableGauge(METRICS.redisUp, { description: "1 while Redis is asked." });
    up.addCallback((result) => result.observe(this.up ? 1 : 0));
    client.on("ready", () => this.#tell());
    client.on("close", () => this.#tell());
    // Unheard it would be printed; what fails because of it is counted, and the change is told once.
    client.on("error", () => {});
  }

  /** Whether it is asked at all. */
  get up(): boolean {
    return this.#client.status === "ready" && this.#resting === undefined;
  }

  async get(key: string): Promise<Looked> {
    const replies = await this.#ask("get", (client) => client.multi().get(key).pttl(key).exec());
    if (!replies) return { kind: "away" };
    const [text, restMs] = replies.map(([, reply]) => reply);
    // Something that is no text, or has no end, is not from here.
    if (typeof text !== "string" || typeof restMs !== "number" || restMs < 1) return { kind: "nothing" };
    return { kind: "found", text, restMs };
  }

  /** True when it is kept, for so many milliseconds at most. */
  async set(key: string, text: string, ttlMs: number): Promise<boolean> {
    const reply = await this.#ask("set", (client) => client.set(key, text, "PX", Math.floor(ttlMs)));
    return reply === "OK";
  }

  /**
   * What the script gave; undefined when Redis does not say, and then the script may have run or not. Keys of one call belong to
   * one slot of a cluster.
   */
  async run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.#ask("script", (client) => evaluate(client, script, keys, args));
  }

  /** What was sent is let through, within the time-out. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#resting);
    await inTime(this.#client.quit(), this.#timeoutMs).catch(() => {});
    this.#client.disconnect();
  }

  async #ask<T>(
    command: "get" | "set" | "script",
    send: (client: Client) => Promise<T>,
  ): Promise<T | undefined> {
    if (!this.up) return this.#count(command, "away");
    try {
      const reply = await inTime(send(this.#client), this.#timeoutMs);
      this.#count(command, "ok");
      return reply;
    } catch (fault) {
      this.#rest();
      return this.#count(command, fault instanceof TimedOut ? "timeout" : outcomeOf(fault));
    }
  }

  #count(command: string, outcome: string): undefined {
    this.#commands.add(1, { command, outcome });
  }

  /** Asks nothing more until a ping is answered. */
  #rest(): void {
    if (this.#resting !== undefined) return;
    this.#resting = setTimeout(() => void this.#probe(), this.#restMs).unref();
    this.#tell();
  }

  async #probe(): Promise<void> {
    const answered = await inTime(this.#client.ping(), this.#timeoutMs).then(
      () => true,
      () => false,
    );
    this.#resting = undefined;
    if (answered) this.#tell();
    else if (this.#client.status !== "end") this.#rest();
  }

  /** Each change once. */
  #tell(): void {
    const { up } = this;
    if (this.#told === up || this.#client.status === "end") return;
    this.#told = up;
    if (up) this.#log.info({}, "Redis is asked");
    else this.#log.warn({}, "Redis is away: this process goes on with what it keeps itself");
  }
}

/** By its hash; a server that does not know it yet, or has been restarted, is sent the text. */
async function evaluate(
  client: Client,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const rest = [...keys, ...args];
  try {
    return await client.evalsha(sha, keys.length, ...rest);
  } catch (fault) {
    if (!(fault instanceof Error && fault.message.startsWith("NOSCRIPT"))) throw fault;
    return client.eval(text, keys.length, ...rest);
  }
}

/** A reply that says no, or a connection that broke. */
function outcomeOf(fault: unknown): "refused" | "broken" {
  return fault instanceof Error && fault.name === "ReplyError" ? "refused" : "broken";
}

import { z } from "zod";

/** Any message and any HTTP body, on every hop. */
export const MAX_MESSAGE_BYTES = 4_194_304;

const count = z.int().positive();
const seconds = z.number().positive();

/** So many requests in each fixed window. */
const rate = z.strictObject({ requests: count, window: z.enum(["second", "minute", "hour", "day"]) });

export type Rate = z.infer<typeof rate>;

const address = z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) });

/** `fe80::/10`, `10.0.0.0/8`; a bare address is a range of one. */
const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** Requests of a tenant, to a path, or both, are let in from these ranges alone. */
const allowList = z
  .strictObject({
    tenant: z.string().optional(),
    path_prefix: z.string().startsWith("/").optional(),
    from: z.array(addressRange).min(1),
  })
  .refine(({ tenant, path_prefix }) => tenant ?? path_prefix, "needs a tenant, a path_prefix or both");

export type AllowList = z.infer<typeof allowList>;

/** What one client, one tenant and all together may take of the gateway. */
export const limitValues = z.strictObject({
  /** Gateways that share the limits of the tenants; each has its part of them while the shared count is away. */
  replicas: count.default(1),
  rate: z
    .strictObject({
      default: rate.default({ requests: 600, window: "minute" }),
      tenants: z.record(z.string(), rate).default({}),
      /** Where envoyproxy/ratelimit listens; without it each gateway enforces its own part. */
      service: address.optional(),
    })
    .prefault({}),
  allow: z.array(allowList).default([]),
  connections: count.default(10_000),
  streams_per_connection: count.default(100),
  body_bytes: count.default(MAX_MESSAGE_BYTES),
  header_kib: count.max(96).default(32),
  headers: count.default(100),
  /** From the first byte of a request to the end of its headers, and to the end of its body. */
  header_seconds: seconds.default(10),
  request_seconds: seconds.default(30),
  /** Without a byte in either direction: streams send a heartbeat every 15 s. */
  stream_idle_seconds: seconds.default(60),
  connection_idle_seconds: seconds.default(300),
  /** An answer that the client does not take. */
  flush_seconds: seconds.default(30),
  heap_bytes: count.default(1_073_741_824),
  upstream: z
    .strictObject({
      // A stream over HTTP/1.1 holds one.
      connections: count.default(10_000),
      pending_requests: count.default(1_024),
      requests: count.default(10_000),
      retries: count.default(16),
    })
    .prefault({}),
});

export type LimitValues = z.infer<typeof limitValues>;

import { parse } from "yaml";
import { z } from "zod";
import { limitValues } from "./limits/limit-values.ts";

/** The latest clock that may be believed, in seconds: contracts allow a minute. */
const MAX_SKEW_SECONDS = 60;

/** "host:port"; the host is a name, an IPv4 address or an IPv6 address in brackets. */
const hostAndPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/, "is no host:port")
  .transform((text) => {
    const colon = text.lastIndexOf(":");
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
  });

export type Address = z.infer<typeof hostAndPort>;

const httpUrl = z.url({ protocol: /^https?$/ });
const file = z.string().min(1);
const port = z.int().min(1).max(65_535);

/** What the gateway shows its clients: a certificate and its key, and whose certificates it asks of them, if of anybody. */
const downstreamTls = z.strictObject({ certificate: file, key: file, client_ca: file.optional() });

/** How chat is believed: the authority that signed its certificate, the name in it, and what the gateway shows in turn. */
const upstreamTls = z
  .strictObject({
    ca: file,
    server_name: z.string().min(1),
    certificate: file.optional(),
    key: file.optional(),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    error: "certificate and key go together",
  });

const schema = z.strictObject({
  listen: z.strictObject({ host: z.string().min(1), port }),
  /** Names that clients may ask for; any other one is unknown here. */
  hosts: z.array(z.string().min(1)).min(1).default(["*"]),
  tls: downstreamTls.optional(),
  /** Replicas of chat, by address or by a name that resolves to all of them. */
  upstream: z.strictObject({
    http: z.array(hostAndPort).min(1),
    grpc: z.array(hostAndPort).min(1),
    tls: upstreamTls.optional(),
  }),
  auth: z.strictObject({
    issuer: z.string().min(1),
    audience: z.string().min(1).default("forerun"),
    /** A file, read again when it is replaced, or a URL, fetched again when `jwks_seconds` have passed. */
    jwks: z.union([httpUrl, file]),
    jwks_seconds: z.int().positive().default(60),
    skew_seconds: z.int().positive().max(MAX_SKEW_SECONDS).default(MAX_SKEW_SECONDS),
  }),
  /** Other sites whose pages may call, as `https://app.example.com`. */
  origins: z.array(httpUrl).default([]),
  /** Proxies of ours before the gateway, whose X-Forwarded-For is believed. */
  trusted_proxies: z.int().min(0).default(0),
  /** Where spans go (OTLP over HTTP), and the share of new traces that is kept; one that a client began keeps its own decision. */
  tracing: z.strictObject({ url: httpUrl, sample: z.number().min(0).max(1).default(1) }).optional(),
  /** Port of Envoy's admin interface, on loopback; without one there is none. */
  admin_port: port.optional(),
  limits: limitValues.prefault({}),
});

export type Values = z.infer<typeof schema>;

/** Reads a values file's text. Throws one sentence for each fault, each with its path in the file. */
export function parseValues(text: string): Values {
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "values"}: ${message}`);
  throw new Error(faults.join("\n"));
}

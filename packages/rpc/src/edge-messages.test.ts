/** Requests that no client library would write, at the edge's door. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { EchoRequestSchema } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { edgeHandler } from "./edge.ts";
import { contractService } from "./fixtures/contract-service.ts";
import { recordingLogger } from "./fixtures/recording-logger.ts";

const MAX_BYTES = 65_536;
const { binding, handle } = contractService();
const { log, lines } = recordingLogger();
const handler = edgeHandler([binding], { log, maxMessageBytes: MAX_BYTES, authenticate: () => LOCAL_CALLER });
const server = createServer((request, response) => void handler(request, response));
let base = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/forerun.testing.contract.v1.ContractService`;
  handle({
    echo: ({ text }) => ({ text }),
    async *count({ to }) {
      yield { number: to };
    },
  });
});

afterAll(() => void server.close());

type Headers = Record<string, string>;

async function post(method: string, body: Uint8Array, headers: Headers) {
  const response = await fetch(`${base}/${method}`, {
    method: "POST",
    headers,
    body: body as Uint8Array<ArrayBuffer>,
  });
  return { status: response.status, text: await response.text() };
}

const utf8 = (text: string) => Buffer.from(text);
const latin1 = (text: string) => Buffer.from(text, "latin1");
const JSON_BODY = { "content-type": "application/json" };
const PROTO_BODY = { "content-type": "application/proto" };

function envelope(body: Uint8Array, flags = 0, length = body.byteLength): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flags, 0);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, body]);
}

describe("one message in a body", () => {
  const refused: [string, Uint8Array, Headers][] = [
    ["JSON that breaks off", utf8('{"text":'), JSON_BODY],
    ["JSON with a byte order mark", utf8('\uFEFF{"text":"a"}'), JSON_BODY],
    ["JSON of the wrong type", utf8('{"text":1}'), JSON_BODY],
    ["JSON with a name twice", utf8('{"text":"a","text":"b"}'), JSON_BODY],
    ["JSON with half a surrogate pair", utf8('{"text":"\\ud800"}'), JSON_BODY],
    ["JSON with half a surrogate pair in a name", utf8('{"later":{"\\udfaa":0}}'), JSON_BODY],
    ["JSON in invalid UTF-8", latin1('{"text":"\xff"}'), JSON_BODY],
    ["JSON of 65 levels", utf8("[".repeat(65)), JSON_BODY],
    ["no JSON at all", utf8(""), JSON_BODY],
    [
      "invalid UTF-8 under gzip",
      gzipSync(latin1('{"text":"\xff"}')),
      { ...JSON_BODY, "content-encoding": "gzip" },
    ],
    ["65 levels under gzip", gzipSync("[".repeat(65)), { ...JSON_BODY, "content-encoding": "gzip" }],
    ["what is no gzip", utf8('{"text":"a"}'), { ...JSON_BODY, "content-encoding": "gzip" }],
    ["protobuf that breaks off", Uint8Array.of(0x0a, 0x09, 0x41), PROTO_BODY],
    ["protobuf with invalid UTF-8", Uint8Array.of(0x0a, 0x02, 0xff, 0xfe), PROTO_BODY],
    ["protobuf with a wrong wire type", Uint8Array.of(0x0f), PROTO_BODY],
  ];

  it.each(refused)("is refused with 400, code and fix: %s", async (_, body, headers) => {
    const { status, text } = await post("Echo", body, headers);
    expect([status, text]).toEqual([400, expect.stringContaining("FR-E1305")]);
    expect(JSON.parse(text)).toMatchObject({
      code: "invalid_argument",
      details: [{ debug: { metadata: { fix: expect.stringMatching(/\w/) } } }],
    });
  });

  const passed: [string, Uint8Array, Headers][] = [
    ["JSON", utf8('{"text":"a"}'), JSON_BODY],
    ["JSON under gzip", gzipSync('{"text":"a"}'), { ...JSON_BODY, "content-encoding": "gzip" }],
    ["JSON under br", brotliCompressSync('{"text":"a"}'), { ...JSON_BODY, "content-encoding": "br" }],
    ["a whole surrogate pair", utf8('{"text":"a","later":"\\ud83d\\ude00"}'), JSON_BODY],
    ["a name that is not known", utf8('{"text":"a","later":[{}]}'), JSON_BODY],
  ];

  it.each(passed)("is taken: %s", async (_, body, headers) => {
    expect(await post("Echo", body, headers)).toEqual({ status: 200, text: '{"text":"a"}' });
  });

  it("is refused with code and fix where there is no such method", async () => {
    const { status, text } = await post("Ecko", utf8("{}"), JSON_BODY);
    expect([status, text]).toEqual([404, expect.stringContaining("FR-E1320")]);
    expect(JSON.parse(text)).toMatchObject({ code: "unimplemented" });
  });

  it("is refused when it grows past the limit under gzip", async () => {
    const body = gzipSync(`{"text":"${"x".repeat(MAX_BYTES)}"}`);
    const { status, text } = await post("Echo", body, { ...JSON_BODY, "content-encoding": "gzip" });
    expect([status, text]).toEqual([429, expect.stringContaining("FR-E1302")]);
  });
});

describe("a stream's message", () => {
  const STREAM = { "content-type": "application/connect+json" };
  const GZIP = { ...STREAM, "connect-content-encoding": "gzip" };
  const refused: [string, Uint8Array, Headers][] = [
    ["JSON that breaks off", envelope(utf8('{"to":')), STREAM],
    ["JSON in invalid UTF-8", envelope(latin1('{"text":"\xff"}')), STREAM],
    ["invalid UTF-8 under gzip", envelope(gzipSync(latin1('"\xff"')), 1), GZIP],
    ["an envelope that breaks off", envelope(utf8("{"), 0, 9), STREAM],
    ["half a prefix", Uint8Array.of(0, 0), STREAM],
    [
      "protobuf with a wrong wire type",
      envelope(Uint8Array.of(0x0f)),
      { "content-type": "application/connect+proto" },
    ],
  ];

  it.each(refused)("is refused with code and fix: %s", async (_, body, headers) => {
    const { text } = await post("Count", body, headers);
    expect(text).toContain('"code":"invalid_argument"');
    expect(text).toContain("FR-E1305");
  });

  it("is refused by its length alone", async () => {
    const { text } = await post("Count", envelope(utf8("{"), 0, MAX_BYTES + 1), STREAM);
    expect(text).toContain("FR-E1302");
  });

  it.each([
    ["plain", envelope(utf8('{"to":7}')), STREAM],
    ["under gzip", envelope(gzipSync('{"to":7}'), 1), GZIP],
  ])("is taken: %s", async (_, body, headers) => {
    expect((await post("Count", body, headers)).text).toContain('{"number":7}');
  });

  it("is refused in gRPC-Web as in Connect", async () => {
    const bytes = toBinary(EchoRequestSchema, {
      $typeName: "forerun.testing.contract.v1.EchoRequest",
      text: "a",
      data: new Uint8Array(),
      small: 0,
    });
    const headers = { "content-type": "application/grpc-web+proto" };
    expect((await post("Echo", envelope(bytes), headers)).text).toContain("grpc-status: 0");
    const broken = await post("Echo", envelope(bytes.subarray(0, 2)), headers);
    expect(broken.text).toMatch(/grpc-status: 3\b/);
  });
});

it("counts none of them as a fault of the server", () => {
  expect(lines.filter(({ level }) => level === "error")).toEqual([]);
});

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { CallOptions, Client } from "@connectrpc/connect";
import { bind } from "@forerun/rpc/binding";
import { asCaller } from "@forerun/rpc/call-context";
import { createMeshClient } from "@forerun/rpc/client";
import { serveGrpc } from "@forerun/rpc/grpc-server";
import { createGrpcTransport } from "@forerun/rpc/grpc-transport";
import { createLocalTransport } from "@forerun/rpc/local";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import type { DisposalStack } from "@forerun/runtime/disposal";
import { silentLogger } from "@forerun/runtime/logger";
import {
  ContractService,
  type CountResponse,
  CountResponseSchema,
  EchoRequestSchema,
  type EchoResponse,
  EchoResponseSchema,
} from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import * as grpc from "@grpc/grpc-js";

/** One way to make a call and to read a stream to its end; client and server share this process. */
export type Way = Readonly<{
  name: string;
  unary(): Promise<unknown>;
  stream(messages: number): Promise<number>;
}>;

const MAX_BYTES = 4_194_304;
const KEY = Buffer.alloc(32, 3).toString("base64");
const REQUEST = { text: "What is the weather in Oslo tomorrow?", small: 7 };
const TOKEN = new TextEncoder().encode(" token");

const binding = bind(ContractService, {
  echo: ({ text, small }) => ({ text, small }),
  async *count({ to }) {
    for (let number = 1; number <= to; number++) yield { number, padding: TOKEN };
  },
});

/** The reference: grpc-js as its manual shows it, callbacks and a protobuf-es codec. */
export async function nativeWay(stack: DisposalStack): Promise<Way> {
  const definition = nativeDefinition();
  const server = new grpc.Server();
  server.addService(definition, {
    echo: (call: { request: typeof REQUEST }, respond: (error: null, answer: object) => void) =>
      respond(null, { ...call.request }),
    count: (call: grpc.ServerWritableStream<{ to: number }, object>) => void countInto(call),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  stack.defer(() => server.forceShutdown());
  const NativeClient = grpc.makeGenericClientConstructor(definition, "ContractService");
  const client = new NativeClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  stack.defer(() => client.close());
  const deadline = () => ({ deadline: Date.now() + 60_000 });
  return {
    name: "native grpc-js",
    unary: () =>
      new Promise((resolve, reject) => {
        client.echo?.(
          REQUEST,
          new grpc.Metadata(),
          deadline(),
          (error: Error | null, answer: EchoResponse) => (error ? reject(error) : resolve(answer)),
        );
      }),
    async stream(messages) {
      let read = 0;
      const answers: AsyncIterable<CountResponse> = client.count?.(
        { to: messages },
        new grpc.Metadata(),
        deadline(),
      );
      for await (const _ of answers) read++;
      return read;
    },
  };
}

async function countInto(call: grpc.ServerWritableStream<{ to: number }, object>): Promise<void> {
  for (let number = 1; number <= call.request.to; number++) {
    if (!call.write({ number, padding: TOKEN })) await new Promise((resolve) => call.once("drain", resolve));
  }
  call.end();
}

/** Both ends of ours over a socket: claims, deadlines, validation and error codes included. */
export async function meshWay(stack: DisposalStack): Promise<Way> {
  const where = { host: "127.0.0.1", port: 0, callers: { key: KEY } };
  const server = stack.use(
    await serveGrpc({ ...where, bindings: [binding], maxMessageBytes: MAX_BYTES, log: silentLogger }),
  );
  const transport = stack.use(
    createGrpcTransport({ address: `ipv4:${server.address}`, key: KEY, service: "bench" }),
  );
  return wayOf("ours over grpc-js", createMeshClient(ContractService, transport));
}

export function localWay(messages: "share" | "clone"): Way {
  const options = { messages, maxMessageBytes: MAX_BYTES, log: silentLogger };
  const name = messages === "share" ? "ours in one process" : "ours in one process, cloned";
  return wayOf(name, createMeshClient(ContractService, createLocalTransport([binding], options)));
}

function wayOf(name: string, client: Client<typeof ContractService>): Way {
  const forever = new AbortController().signal;
  const call = (): CallOptions => asCaller(LOCAL_CALLER, { signal: forever, timeoutMs: 60_000 });
  return {
    name,
    unary: () => client.echo(REQUEST, call()),
    async stream(messages) {
      let read = 0;
      for await (const _ of client.count({ to: messages }, call())) read++;
      return read;
    },
  };
}

function nativeDefinition(): grpc.ServiceDefinition {
  const { echo, count } = ContractService.method;
  const bytes = (data: Uint8Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const plain = { requestStream: false, responseStream: false };
  return {
    echo: {
      ...plain,
      path: `/${ContractService.typeName}/Echo`,
      requestSerialize: (message: typeof REQUEST) =>
        bytes(toBinary(EchoRequestSchema, create(echo.input, message))),
      requestDeserialize: (data: Buffer) => fromBinary(echo.input, data),
      responseSerialize: (message: EchoResponse) =>
        bytes(toBinary(EchoResponseSchema, create(echo.output, message))),
      responseDeserialize: (data: Buffer) => fromBinary(echo.output, data),
    },
    count: {
      ...plain,
      responseStream: true,
      path: `/${ContractService.typeName}/Count`,
      requestSerialize: (message: { to: number }) =>
        bytes(toBinary(count.input, create(count.input, message))),
      requestDeserialize: (data: Buffer) => fromBinary(count.input, data),
      responseSerialize: (message: CountResponse) =>
        bytes(toBinary(CountResponseSchema, create(CountResponseSchema, message))),
      responseDeserialize: (data: Buffer) => fromBinary(CountResponseSchema, data),
    },
  };
}

/** The gRPC door through plain grpc-js: messages as bytes, so that a test can send what is none. */
import {
  create,
  type DescMessage,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { Code } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { READ_OPTIONS } from "@forerun/rpc/codec";
import { readError } from "@forerun/rpc/error-details";
import { readTextExactly } from "@forerun/rpc/exact-text";
import { fromStatus } from "@forerun/rpc/status";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import type { Outcome } from "./outcome.ts";

export type GrpcDoor = {
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
  ): Promise<Outcome<MessageShape<O>>>;
  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
  ): Promise<Outcome<MessageShape<O>[]>>;
  /** A unary call with whatever bytes. */
  send(method: DescMethodUnary, bytes: Uint8Array): Promise<Outcome<Buffer>>;
} & Disposable;

const asIs = (bytes: Buffer) => bytes;
const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

export function openGrpcDoor(address: string): GrpcDoor {
  readTextExactly();
  const client = new Client(address, credentials.createInsecure(), UNLIMITED);
  const send: GrpcDoor["send"] = (method, bytes) =>
    new Promise((resolve) => {
      client.makeUnaryRequest(pathOf(method), asIs, asIs, Buffer.from(bytes), (error, answer) =>
        resolve(error ? refusalOf(error) : { kind: "answer", value: answer ?? Buffer.alloc(0) }),
      );
    });
  return {
    send,
    async call(method, request) {
      const bytes = toBinary(method.input, create(method.input, request));
      const outcome = await send(method, bytes);
      if (outcome.kind === "refusal") return outcome;
      return { kind: "answer", value: fromBinary(method.output, outcome.value, READ_OPTIONS) };
    },
    stream(method, request) {
      const bytes = Buffer.from(toBinary(method.input, create(method.input, request)));
      return new Promise((resolve) => {
        const value: MessageShape<typeof method.output>[] = [];
        client
          .makeServerStreamRequest(pathOf(method), asIs, asIs, bytes)
          .on("data", (chunk: Buffer) => value.push(fromBinary(method.output, chunk, READ_OPTIONS)))
          .on("error", (error: ServiceError) => resolve(refusalOf(error)))
          .on("end", () => resolve({ kind: "answer", value }));
      });
    },
    [Symbol.dispose]: () => client.close(),
  };
}

function pathOf(method: DescMethodUnary | DescMethodServerStreaming): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function refusalOf(error: ServiceError): Outcome<never> {
  const { status, message, code, fix } = readError(fromStatus(error, Number.MAX_SAFE_INTEGER));
  const name = codeToString(status as Code);
  return { kind: "refusal", status: name, http: undefined, code: code ?? "", cause: message, fix: fix ?? "" };
}

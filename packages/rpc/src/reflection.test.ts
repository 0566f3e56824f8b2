import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { findBinary } from "@forerun/components/binaries";
import {
  ServerReflection,
  type ServerReflectionRequestSchema,
} from "@forerun/contracts/grpc/reflection/v1/reflection_pb";
import { ServerReflection as ServerReflectionV1Alpha } from "@forerun/contracts/grpc/reflection/v1alpha/reflection_pb";
import { LOCAL_CALLER } from "@forerun/runtime/caller";
import { skipWithout } from "@forerun/testing/skip-without";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CALLER_HEADER, claimSigner } from "./claim.ts";
import { createMeshClient } from "./client.ts";
import { KEY } from "./fixtures/contract-service.ts";
import { type EchoServer, startEchoServer } from "./fixtures/echo-server.ts";
import { all, sending } from "./fixtures/requests.ts";
import { createGrpcTransport, type GrpcTransport } from "./grpc-transport.ts";

type Question = NonNullable<MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"]>;

const SERVICE = "forerun.testing.contract.v1.ContractService";

describe.each([
  ["v1", ServerReflection],
  ["v1alpha", ServerReflectionV1Alpha as unknown as typeof ServerReflection],
])("reflection %s", (_, service) => {
  let server: EchoServer;
  let transport: GrpcTransport;
  beforeAll(async () => {
    server = await startEchoServer("one");
    transport = createGrpcTransport({ address: `ipv4:${server.address}`, key: KEY, service: "test" });
  });
  afterAll(async () => {
    transport[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  const ask = (...questions: Question[]) => {
    const requests = sending(...questions.map((messageRequest) => ({ host: "", messageRequest })));
    return all(createMeshClient(service, transport).serverReflectionInfo(requests));
  };

  it("lists every service, its own ones too, to anybody", async () => {
    const [answer] = await ask({ case: "listServices", value: "" });
    const names =
      answer?.messageResponse.case === "listServicesResponse" ? answer.messageResponse.value.service : [];
    expect(names.map(({ name }) => name)).toEqual([
      SERVICE,
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ]);
  });

  it.each([
    { case: "fileContainingSymbol", value: SERVICE },
    { case: "fileContainingSymbol", value: `${SERVICE}.Echo` },
    { case: "fileContainingSymbol", value: "forerun.testing.contract.v1.EchoRequest.text" },
    { case: "fileContainingSymbol", value: "buf.validate.IGNORE_ALWAYS" },
    { case: "fileByFilename", value: "google/protobuf/descriptor.proto" },
    {
      case: "fileContainingExtension",
      value: { containingType: "google.protobuf.FieldOptions", extensionNumber: 1159 },
    },
  ] as const)("finds the file of %j", async (request) => {
    const [answer] = await ask(request);
    expect(answer?.messageResponse.case).toBe("fileDescriptorResponse");
  });

  it("names the extensions of a type", async () => {
    const [answer] = await ask({ case: "allExtensionNumbersOfType", value: "google.protobuf.FieldOptions" });
    expect(answer?.messageResponse.value).toMatchObject({
      extensionNumber: expect.arrayContaining([1159]),
    });
  });

  it("goes on after a name it does not know", async () => {
    const answers = await ask(
      { case: "fileContainingSymbol", value: "no.Such" },
      { case: "listServices", value: "" },
    );
    expect(answers.map(({ messageResponse }) => messageResponse.case)).toEqual([
      "errorResponse",
      "listServicesResponse",
    ]);
  });
});

skipWithout("grpcurl")("grpcurl", () => {
  let server: EchoServer;
  beforeAll(async () => {
    server = await startEchoServer("one");
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  async function grpcurl(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(findBinary("grpcurl"), ["-plaintext", ...args]);
    return stdout;
  }

  it("lists, describes and calls what a server has", async () => {
    expect(await grpcurl(server.address, "list")).toContain(SERVICE);
    expect(await grpcurl(server.address, "describe", `${SERVICE}.Count`)).toContain(
      "returns ( stream .forerun",
    );
    expect(await grpcurl(server.address, "grpc.health.v1.Health/Check")).toContain("SERVING");
    const claim = await claimSigner(KEY, "grpcurl")(LOCAL_CALLER);
    const header = `${CALLER_HEADER}: ${claim}`;
    const answer = await grpcurl("-H", header, "-d", '{"text":"hi"}', server.address, `${SERVICE}/Echo`);
    expect(JSON.parse(answer)).toEqual({ text: "one" });
  });

  it("shows the code and the fix of an error", async () => {
    const header = `${CALLER_HEADER}: ${await claimSigner(KEY, "grpcurl")(LOCAL_CALLER)}`;
    const call = grpcurl("-H", header, "-d", '{"small":100}', server.address, `${SERVICE}/Echo`);
    await expect(call).rejects.toThrow(/InvalidArgument[\s\S]*FR-E1301/);
  });
});

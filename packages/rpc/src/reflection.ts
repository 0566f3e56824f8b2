import { type DescExtension, type DescFile, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { file_google_rpc_error_details } from "@forerun/contracts/google/rpc/error_details_pb";
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponseSchema,
} from "@forerun/contracts/grpc/reflection/v1/reflection_pb";
import { ServerReflection as ServerReflectionV1Alpha } from "@forerun/contracts/grpc/reflection/v1alpha/reflection_pb";
import { type Binding, bind } from "./binding.ts";

type Question = ServerReflectionRequest["messageRequest"];
type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

/** grpc.reflection v1 and v1alpha over the descriptors that the generated code carries; both versions have one wire form. */
export function reflectionBindings(bindings: readonly Binding[]): Binding[] {
  const services = [...bindings.map(({ service }) => service), ServerReflection, ServerReflectionV1Alpha];
  const names = services.map(({ typeName }) => typeName).sort();
  // The details of errors too, so that tools can show code and fix.
  const index = new DescriptorIndex([...services.map(({ file }) => file), file_google_rpc_error_details]);
  async function* answers(requests: AsyncIterable<Pick<ServerReflectionRequest, "host" | "messageRequest">>) {
    for await (const { host, messageRequest } of requests) {
      const messageResponse = index.answer(messageRequest, names);
      yield { validHost: host, originalRequest: { host, messageRequest }, messageResponse };
    }
  }
  return [
    bind(ServerReflection, { serverReflectionInfo: answers }),
    // The messages differ in the name of their package alone.
    bind(ServerReflectionV1Alpha, { serverReflectionInfo: answers as never }),
  ];
}

/** Files, symbols and extensions by name, of the given files and all they import. */
class DescriptorIndex {
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();
  readonly #extensions: DescExtension[] = [];

  constructor(roots: readonly DescFile[]) {
    for (const file of roots) this.#add(file);
  }

  answer(question: Question, services: readonly string[]): Answer {
    switch (question.case) {
      case "listServices":
        return { case: "listServicesResponse", value: { service: services.map((name) => ({ name })) } };
      case "fileByFilename":
        return fileAnswer(this.#files.get(question.value), question.value);
      case "fileContainingSymbol":
        return fileAnswer(this.#symbols.get(question.value), question.value);
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = question.value;
        const extension = this.#extensionsOf(containingType).find(({ number }) => number === extensionNumber);
        return fileAnswer(extension?.file, `${containingType} ${extensionNumber}`);
      }
      case "allExtensionNumbersOfType": {
        if (!this.#symbols.has(question.value)) return fileAnswer(undefined, question.value);
        const extensionNumber = this.#extensionsOf(question.value).map(({ number }) => number);
        return {
          case: "allExtensionNumbersResponse",
          value: { baseTypeName: question.value, extensionNumber },
        };
      }
      case undefined:
        return errorAnswer(Code.InvalidArgument, "the request asks nothing");
    }
  }

  #extensionsOf(typeName: string): DescExtension[] {
    return this.#extensions.filter(({ extendee }) => extendee.typeName === typeName);
  }

  #add(file: DescFile): void {
    const name = `${file.name}.proto`;
    if (this.#files.has(name)) return;
    this.#files.set(name, file);
    for (const type of nestedTypes(file)) {
      this.#symbols.set(type.typeName, file);
      if (type.kind === "extension") this.#extensions.push(type);
      const members = type.kind === "service" ? type.methods : type.kind === "message" ? type.fields : [];
      for (const member of members) this.#symbols.set(`${type.typeName}.${member.name}`, file);
      if (type.kind === "enum") {
        // Enum values live in the scope that holds their enum.
        const scope = type.typeName.slice(0, -type.name.length);
        for (const value of type.values) this.#symbols.set(`${scope}${value.name}`, file);
      }
    }
    for (const dependency of file.dependencies) this.#add(dependency);
  }
}

function fileAnswer(file: DescFile | undefined, asked: string): Answer {
  if (!file) return errorAnswer(Code.NotFound, `not found: ${asked}`);
  const fileDescriptorProto = [toBinary(FileDescriptorProtoSchema, file.proto)];
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function errorAnswer(errorCode: Code, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

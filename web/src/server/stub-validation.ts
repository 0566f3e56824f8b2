import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { Plugin } from "esbuild";

/**
 * Gives the browser an empty descriptor in place of the validation rules: the server checks them, the page never does, and they
 * would be a fifth of its size. The file keeps its name, since the contracts' descriptors name what they import.
 */
export const stubValidation: Plugin = {
  name: "stub-validation",
  setup(build) {
    build.onLoad({ filter: /buf\/validate\/validate_pb\.ts$/ }, () => ({
      contents: `import { fileDesc } from "@bufbuild/protobuf/codegenv2";
export const file_buf_validate_validate = fileDesc(${JSON.stringify(emptyDescriptor())});`,
      loader: "ts",
    }));
  },
};

function emptyDescriptor(): string {
  const file = create(FileDescriptorProtoSchema, {
    name: "buf/validate/validate.proto",
    package: "buf.validate",
  });
  return Buffer.from(toBinary(FileDescriptorProtoSchema, file)).toString("base64");
}

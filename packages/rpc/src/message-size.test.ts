import { create, toBinary } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { ToolCallSchema } from "@forerun/contracts/forerun/common/v1/common_pb";
import { EchoRequestSchema } from "@forerun/testing/contracts/forerun/testing/contract/v1/contract_pb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exceeds } from "./message-size.ts";

describe("the size of a message", () => {
  it("exceeds a limit exactly when its wire form does", () => {
    const text = fc.string({ unit: "binary", maxLength: 200 });
    const small = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(text, fc.uint8Array({ maxLength: 200 }), small, (words, data, number) => {
        const message = create(EchoRequestSchema, { text: words, data, small: number });
        const size = toBinary(EchoRequestSchema, message).byteLength;
        return (
          !exceeds(EchoRequestSchema, message, size) &&
          (size === 0 || exceeds(EchoRequestSchema, message, size - 1))
        );
      }),
    );
  });

  it("is never under-estimated for JSON inside a Struct", () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 }));
    fc.assert(
      fc.property(json, (values) => {
        const call = create(ToolCallSchema, { arguments: JSON.parse(JSON.stringify(values)) });
        const size = toBinary(ToolCallSchema, call).byteLength;
        return !exceeds(ToolCallSchema, call, size) && exceeds(ToolCallSchema, call, size - 1);
      }),
    );
    expect(StructSchema.typeName).toBe("google.protobuf.Struct");
  });
});

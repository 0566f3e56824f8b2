import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { Effect, type ExecuteResponse } from "@forerun/contracts/forerun/tool/v1/tool_pb";
import type { ToolStep } from "./collaborators.ts";
import type { JsonValue } from "./json.ts";
import { fromWireReused } from "./noun-wire.ts";

/** What happened to a call, in the domain's words; undefined for what is the transport's alone. */
export function toolStepOf({ event }: ExecuteResponse): ToolStep | undefined {
  switch (event.case) {
    case "accepted":
      return { kind: "accepted", writes: event.value.effect === Effect.WRITE };
    case "progress":
      return { kind: "progress", text: event.value.text, fraction: event.value.fraction };
    case "result": {
      const { output, rendered, truncated } = event.value;
      const json = output ? (toJson(ValueSchema, output) as JsonValue) : null;
      return {
        kind: "result",
        output: json,
        rendered,
        truncated,
        reused: fromWireReused(event.value.reused),
      };
    }
    case "failure": {
      const { code, message } = event.value;
      return { kind: "failure", code, message, reused: fromWireReused(event.value.reused) };
    }
    default:
      return undefined;
  }
}

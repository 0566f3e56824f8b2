import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { ToolCallRecord } from "@forerun/contracts/forerun/common/v1/common_pb";

/** `calculator {"expression":"17% of 2400"}` in at most `width` characters. */
export function describeCall({ call }: ToolCallRecord, width: number): string {
  return clip(`${call?.name ?? "?"} ${JSON.stringify(call?.arguments ?? {})}`, width);
}

/** What came of a call, in its own words where it has any. */
export function describeOutput(record: ToolCallRecord, width: number): string {
  if (record.errorMessage) return clip(record.errorMessage, width);
  if (record.rendered) return clip(record.rendered, width);
  return clip(record.output ? JSON.stringify(toJson(ValueSchema, record.output)) : "stopped", width);
}

/** One line of at most `width` characters; what is cut shows as an ellipsis. */
export function clip(text: string, width: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join("")}…`;
}

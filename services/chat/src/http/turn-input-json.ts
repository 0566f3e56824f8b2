import { type DescEnum, fromJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import {
  ConcurrencyPolicySchema,
  DisconnectPolicySchema,
  SpeculationSchema,
  type TurnInput,
  TurnInputSchema,
} from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { ToolChoiceSchema } from "@forerun/contracts/forerun/common/v1/common_pb";
import { ForerunError } from "@forerun/runtime/forerun-error";

const SHORT_FORMS: Record<string, DescEnum> = {
  concurrency_policy: ConcurrencyPolicySchema,
  disconnect_policy: DisconnectPolicySchema,
  tool_choice: ToolChoiceSchema,
  speculation: SpeculationSchema,
};

/** Reads the body of POST /chat. Unknown fields and wrong types are refused; enums may be given as "none" or in full. */
export function turnInputFromJson(body: JsonValue): TurnInput {
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw badField("the request body must be a JSON object");
  }
  try {
    return fromJson(TurnInputSchema, withFullEnumNames(body));
  } catch (fault) {
    throw badField(fault instanceof Error ? fault.message : "the request body does not fit");
  }
}

function withFullEnumNames(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, fullEnumName(SHORT_FORMS[name], value)]),
  );
}

/** "none" → "TOOL_CHOICE_NONE"; whatever is no short form stays for the parser to judge. */
function fullEnumName(desc: DescEnum | undefined, value: JsonValue): JsonValue {
  if (!desc || typeof value !== "string") return value;
  const long = desc.values.find((one) => one.name.toLowerCase() === `${desc.sharedPrefix}${value}`);
  return long?.name ?? value;
}

function badField(message: string): ForerunError {
  return new ForerunError(
    "FR-E1301",
    "invalid_argument",
    message,
    "See docs/api.md for the fields of POST /chat.",
  );
}

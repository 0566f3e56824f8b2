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
import { nearest } from "@forerun/runtime/nearest";

const SHORT_FORMS: Record<string, DescEnum> = {
  concurrency_policy: ConcurrencyPolicySchema,
  disconnect_policy: DisconnectPolicySchema,
  tool_choice: ToolChoiceSchema,
  speculation: SpeculationSchema,
};

/** Names as the protos have them, and in the camel case that JSON of protos may have too. */
const FIELDS: ReadonlySet<string> = new Set(
  TurnInputSchema.fields.flatMap(({ name, jsonName }) => [name, jsonName]),
);

const MOST_SHOWN = 64;

/** Reads the body of POST /chat. Unknown fields and wrong types are refused; enums may be given as "none" or in full. */
export function turnInputFromJson(body: JsonValue): TurnInput {
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw badField("the request body must be a JSON object");
  }
  try {
    return fromJson(TurnInputSchema, withFullEnumNames(body));
  } catch (fault) {
    if (fault instanceof ForerunError) throw fault;
    throw badField(fault instanceof Error ? fault.message : "the request body does not fit");
  }
}

function withFullEnumNames(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      if (!FIELDS.has(name)) throw unknownField(name);
      const desc = SHORT_FORMS[name];
      return [name, desc && typeof value === "string" ? fullEnumName(name, desc, value) : value];
    }),
  );
}

/** "none" → "TOOL_CHOICE_NONE". */
function fullEnumName(field: string, desc: DescEnum, value: string): string {
  const short = (name: string) => name.toLowerCase().slice(desc.sharedPrefix?.length);
  const meant = desc.values.find(({ name }) => name === value || short(name) === value);
  if (meant) return meant.name;
  const choices = desc.values.filter(({ number }) => number > 0).map(({ name }) => short(name));
  throw badField(`${field}: expected ${choices.join(", ")}, got ${shown(value)}`);
}

function unknownField(name: string): ForerunError {
  const meant = name.length > MOST_SHOWN ? undefined : nearest(name, FIELDS);
  return badField(`${shown(name)} is no field of a question${meant ? ` … did you mean "${meant}"?` : ""}`);
}

/** What a client sent, as far as an error repeats it. */
function shown(text: string): string {
  return JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text);
}

function badField(message: string): ForerunError {
  return new ForerunError(
    "FR-E1301",
    "invalid_argument",
    message,
    "See docs/api.md for the fields of POST /chat.",
  );
}

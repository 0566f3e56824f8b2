import type { TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { ClientTools as WireClientTools } from "@forerun/contracts/forerun/common/v1/common_pb";
import type { UntrustedSchemas } from "@forerun/toolkit/untrusted-schema";
import { conversationFault } from "../client-conversation.ts";
import type { ToolChoice } from "../collaborators.ts";
import type { JsonObject } from "../json.ts";
import { fromWireClientCall } from "../noun-wire.ts";
import type { ClientMessage, ClientTools } from "../turn.ts";
import type { TurnRequest } from "../turns.ts";
import { badClientTools, badResponseSchema, modelNeeded } from "./refusals.ts";

/** What the form of an answer is judged by. */
export type FormDeps = {
  schemas: UntrustedSchemas;
  /** False where it is known that no model answers. A process of its own does not know: then the turn itself fails. */
  modelConnected: boolean;
};

/** The schema of the answer and the client's own tools, checked before a turn begins. Both take a model. */
export function answerFormOf(
  { responseSchema, clientTools }: TurnInput,
  choice: ToolChoice,
  { schemas, modelConnected }: FormDeps,
): Pick<TurnRequest, "responseSchema" | "clientTools"> {
  if (!modelConnected && responseSchema) throw modelNeeded("input.response_schema");
  if (!modelConnected && clientTools) throw modelNeeded("input.client_tools");
  if (responseSchema) {
    const compiled = schemas.compile(responseSchema);
    if (compiled.kind === "bad") throw badResponseSchema(compiled.problem);
  }
  return { responseSchema, clientTools: clientTools && checked(clientTools, choice) };
}

function checked(wire: WireClientTools, choice: ToolChoice): ClientTools {
  const { tools, messages, requiredTool, singleCall } = wire;
  const client: ClientTools = {
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      description,
      parameters: (parameters ?? NO_PARAMETERS) as JsonObject,
    })),
    messages: messages.map(({ role, content, calls, callId }) => ({
      role: ROLES.get(role) ?? "user",
      content,
      calls: calls.map(fromWireClientCall),
      callId,
    })),
    requiredTool,
    singleCall,
  };
  const fault = conversationFault(client, choice);
  if (fault) throw badClientTools(fault);
  return client;
}

const NO_PARAMETERS = { type: "object", properties: {} };

const ROLES = new Map(
  (["system", "user", "assistant", "tool"] as const).map((role): [string, ClientMessage["role"]] => [
    role,
    role,
  ]),
);

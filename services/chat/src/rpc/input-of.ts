import type { TurnInput } from "@forerun/contracts/forerun/chat/v1/turn_pb";

/** The input that validation has made sure of. */
export function inputOf(request: { input?: TurnInput | undefined }): TurnInput {
  if (!request.input) throw new Error("a request without input passed validation");
  return request.input;
}

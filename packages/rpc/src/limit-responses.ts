import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { tooLarge } from "./codec.ts";
import { exceeds } from "./message-size.ts";
import { tapStream } from "./message-stream.ts";

/** Refuses responses above the limit with our code, where the protocol that encodes them is not ours. */
export function limitingResponses(maxBytes: number): Interceptor {
  const check = (schema: DescMessage, message: Message) => {
    if (exceeds(schema, message, maxBytes)) throw tooLarge(maxBytes);
  };
  return (next) => async (request) => {
    const response = await next(request);
    const { output } = request.method;
    if (response.stream) {
      return {
        ...response,
        message: tapStream(response.message, { each: (message) => check(output, message) }),
      };
    }
    check(output, response.message);
    return response;
  };
}

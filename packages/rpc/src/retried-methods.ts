import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";

/** Not idempotent by their option, and yet without effect until a caller has seen a message: they write nothing. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(["forerun.answer.v1.AnswerService.Generate"]);

/** Methods that a channel may try again where a replica goes away before the first message. */
export function retriedMethods({ methods }: DescService): DescMethod[] {
  return methods.filter(
    ({ idempotency, parent, name }) =>
      idempotency !== Idempotency.IDEMPOTENCY_UNKNOWN || WITHOUT_EFFECT.has(`${parent.typeName}.${name}`),
  );
}

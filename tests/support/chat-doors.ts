/** The three ways to ask, behind one shape. */
import { toJson } from "@bufbuild/protobuf";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { ConcurrencyPolicy, TurnSchema } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { GrpcDoor } from "./grpc-door.ts";
import { postChat, postConnect } from "./http-door.ts";
import type { Outcome } from "./outcome.ts";

export type AskedTurn = { turn_id: string; conversation_id: string; state: string; text: string };
export type Policy = "reject" | "enqueue" | "interrupt" | "rollback";
export type Question = {
  text: string;
  conversation_id?: string;
  concurrency_policy?: Policy;
  idempotency_key?: string;
  history?: { role: string; content: string }[];
};
export type ChatDoor = {
  name: "/chat" | "Connect" | "gRPC";
  ask(question: Question): Promise<Outcome<AskedTurn>>;
};

export function openDoors(http: string, grpc: GrpcDoor): [ChatDoor, ChatDoor, ChatDoor] {
  return [
    { name: "/chat", ask: (question) => postChat(http, question) },
    {
      name: "Connect",
      async ask({ concurrency_policy: policy = "reject", ...question }) {
        type Asked = { turn: AskedTurn };
        const input = { ...question, concurrency_policy: `CONCURRENCY_POLICY_${policy.toUpperCase()}` };
        const asked = await postConnect<Asked>(http, "forerun.chat.v1.ChatService/Ask", { input });
        return asked.kind === "answer" ? { kind: "answer", value: asked.value.turn } : asked;
      },
    },
    {
      name: "gRPC",
      async ask({ text, history = [], ...question }) {
        const input = {
          text,
          history,
          idempotencyKey: question.idempotency_key ?? "",
          conversationId: question.conversation_id ?? "",
          concurrencyPolicy: POLICIES[question.concurrency_policy ?? "reject"],
        };
        const asked = await grpc.call(ChatService.method.ask, { input });
        if (asked.kind === "refusal" || !asked.value.turn) return asked as Outcome<never>;
        const turn = toJson(TurnSchema, asked.value.turn, { useProtoFieldName: true });
        return { kind: "answer", value: turn as AskedTurn };
      },
    },
  ];
}

const POLICIES: Record<Policy, ConcurrencyPolicy> = {
  reject: ConcurrencyPolicy.REJECT,
  enqueue: ConcurrencyPolicy.ENQUEUE,
  interrupt: ConcurrencyPolicy.INTERRUPT,
  rollback: ConcurrencyPolicy.ROLLBACK,
};

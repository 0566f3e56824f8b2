/** The three ways to ask, behind one shape. */
import { toJson } from "@bufbuild/protobuf";
import { ChatService } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { TurnSchema } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import type { GrpcDoor } from "./grpc-door.ts";
import { postChat, postConnect } from "./http-door.ts";
import type { Outcome } from "./outcome.ts";

export type AskedTurn = { turn_id: string; conversation_id: string; state: string; text: string };
export type Question = {
  text: string;
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
      async ask(input) {
        type Asked = { turn: AskedTurn };
        const asked = await postConnect<Asked>(http, "forerun.chat.v1.ChatService/Ask", { input });
        return asked.kind === "answer" ? { kind: "answer", value: asked.value.turn } : asked;
      },
    },
    {
      name: "gRPC",
      async ask({ idempotency_key: idempotencyKey = "", ...question }) {
        const input = { ...question, idempotencyKey };
        const asked = await grpc.call(ChatService.method.ask, { input });
        if (asked.kind === "refusal" || !asked.value.turn) return asked as Outcome<never>;
        const turn = toJson(TurnSchema, asked.value.turn, { useProtoFieldName: true });
        return { kind: "answer", value: turn as AskedTurn };
      },
    },
  ];
}

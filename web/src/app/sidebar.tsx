import type { Conversation } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Chat } from "../model/chat.ts";
import { ConversationItem } from "./conversation-item.tsx";
import { Icon, Mark } from "./icon.tsx";

type Props = { chat: Chat; close: () => void };

/** The conversations there are: open, rename, delete. */
export function Sidebar({ chat, close }: Props) {
  const doomed = useSignal<Conversation | undefined>(undefined);
  const open = (id: string): void => {
    close();
    void chat.open(id);
  };
  return (
    <nav class="sidebar" aria-label="Conversations">
      <div class="brand">
        <Mark />
        <span>Forerun</span>
        <button type="button" class="quiet only-narrow" aria-label="Close the list" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <button type="button" class="new" onClick={() => open("")}>
        <Icon name="plus" />
        New conversation
      </button>
      <ul>
        {chat.list.items.value.map((conversation) => (
          <ConversationItem
            key={conversation.conversationId}
            conversation={conversation}
            current={conversation.conversationId === chat.conversationId.value}
            open={() => open(conversation.conversationId)}
            rename={(title) => void chat.list.rename(conversation.conversationId, title)}
            remove={() => {
              doomed.value = conversation;
            }}
          />
        ))}
      </ul>
      <ConfirmDelete
        conversation={doomed.value}
        answer={(yes) => {
          const target = doomed.value;
          doomed.value = undefined;
          if (yes && target) void remove(chat, target.conversationId);
        }}
      />
      <div class="scrim" onClick={close} aria-hidden="true" />
    </nav>
  );
}

async function remove(chat: Chat, conversationId: string): Promise<void> {
  const gone = await chat.list.remove(conversationId);
  if (gone && chat.conversationId.value === conversationId) await chat.open("");
}

type ConfirmProps = { conversation: Conversation | undefined; answer: (yes: boolean) => void };

function ConfirmDelete({ conversation, answer }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (conversation) dialog.current?.showModal();
    else dialog.current?.close();
  }, [conversation]);
  return (
    <dialog ref={dialog} aria-labelledby="delete-title" onCancel={() => answer(false)}>
      <h2 id="delete-title">Delete this conversation?</h2>
      <p>“{conversation?.title}” goes with all its messages. This cannot be undone.</p>
      <div class="choices">
        <button type="button" onClick={() => answer(false)}>
          Keep it
        </button>
        <button type="button" class="danger" onClick={() => answer(true)}>
          Delete
        </button>
      </div>
    </dialog>
  );
}

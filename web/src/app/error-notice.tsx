import type { Chat } from "../model/chat.ts";
import { Icon } from "./icon.tsx";
import { TokenForm } from "./token-form.tsx";

/** What went wrong, what to do about it, and the next step as a button. */
export function ErrorNotice({ chat }: { chat: Chat }) {
  const error = chat.error.value;
  return (
    <div role="alert">
      {error && (
        <div class="notice">
          <p>
            <strong>{sentence(error.message)}</strong> {error.fix}
            {error.code && <code>{error.code}</code>}
          </p>
          {error.wantsToken && <TokenForm />}
          {chat.running.value && (
            <button type="button" onClick={() => void chat.open(chat.conversationId.value)}>
              Reconnect
            </button>
          )}
          {!chat.running.value && chat.draft.value && (
            <button type="button" onClick={() => void chat.send(chat.draft.value)}>
              Try again
            </button>
          )}
          <button
            type="button"
            class="quiet"
            aria-label="Dismiss"
            onClick={() => {
              chat.error.value = undefined;
            }}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}

/** Services word errors as lower-case phrases. */
function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1) + (/[.!?]$/.test(message) ? "" : ".");
}

import { useEffect, useRef } from "preact/hooks";
import type { Chat } from "../model/chat.ts";
import { Icon } from "./icon.tsx";

/** The message box: Enter sends, Shift+Enter breaks the line, Escape stops. It has the focus when a conversation opens. */
export function Composer({ chat }: { chat: Chat }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const draft = chat.draft.value;
  const running = chat.running.value;
  const conversationId = chat.conversationId.value;
  useEffect(() => box.current?.focus(), [conversationId]);
  useEffect(() => fit(box.current), [draft]);
  const send = (): void => void chat.send(draft);
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        id="composer"
        ref={box}
        rows={1}
        aria-label="Message"
        placeholder="Ask anything"
        value={draft}
        onInput={(event) => {
          chat.draft.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          // An input method uses Enter to accept a word.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      {running ? (
        <button
          type="button"
          class="send"
          aria-label="Stop"
          disabled={!running.turnId}
          onClick={() => void chat.stop()}
        >
          <Icon name="stop" />
        </button>
      ) : (
        <button type="submit" class="send" aria-label="Send" disabled={!draft.trim()}>
          <Icon name="send" />
        </button>
      )}
    </form>
  );
}

/** As high as its text, up to a third of the window; style sheets cannot say this everywhere yet. */
function fit(box: HTMLTextAreaElement | null): void {
  if (!box) return;
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, innerHeight / 3)}px`;
}

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Chat } from "../model/chat.ts";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import { ErrorNotice } from "./error-notice.tsx";
import { Icon } from "./icon.tsx";
import { Sidebar } from "./sidebar.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";
import { Thread } from "./thread.tsx";
import { Welcome } from "./welcome.tsx";

/** The whole page. On narrow screens the list of conversations opens over the thread. */
export function App({ chat }: { chat: Chat }) {
  const listOpen = useSignal(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      if (listOpen.value) listOpen.value = false;
      else if (!document.querySelector("dialog[open]")) void chat.stop();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [chat, listOpen]);
  return (
    <div class={`page${listOpen.value ? " list-open" : ""}`}>
      <a class="skip" href="#composer">
        Skip to the message box
      </a>
      <Sidebar chat={chat} close={() => (listOpen.value = false)} />
      <div class="main">
        <header class="bar">
          <button
            type="button"
            class="quiet only-narrow"
            aria-label="Conversations"
            aria-expanded={listOpen.value}
            onClick={() => (listOpen.value = true)}
          >
            <Icon name="menu" />
          </button>
          <Title chat={chat} />
          {!chat.connected.value && <span class="pill warn">Reconnecting…</span>}
          <ThemeSwitch />
        </header>
        {chat.turns.value.length === 0 && !chat.conversationId.value ? (
          <Welcome chat={chat} />
        ) : (
          <Thread chat={chat} />
        )}
        <section class="foot" aria-label="Your message">
          <ErrorNotice chat={chat} />
          <Composer chat={chat} />
        </section>
      </div>
      <Announcer chat={chat} />
    </div>
  );
}

function Title({ chat }: { chat: Chat }) {
  const open = chat.list.items.value.find((one) => one.conversationId === chat.conversationId.value);
  const title = open?.title || "New conversation";
  useEffect(() => {
    document.title = open?.title ? `${open.title} · Forerun` : "Forerun";
  }, [open?.title]);
  return <h1 class="title">{title}</h1>;
}

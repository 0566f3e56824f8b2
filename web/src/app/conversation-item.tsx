import type { Conversation } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

type Props = {
  conversation: Conversation;
  current: boolean;
  open: () => void;
  rename: (title: string) => void;
  remove: () => void;
};

/** One row of the list. Renaming happens in place: Enter keeps, Escape leaves. */
export function ConversationItem({ conversation, current, open, rename, remove }: Props) {
  const [renaming, setRenaming] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const wasRenaming = useRef(false);
  useEffect(() => {
    if (wasRenaming.current && !renaming) pencil.current?.focus();
    wasRenaming.current = renaming;
  }, [renaming]);
  const title = conversation.title || "Untitled";
  if (renaming) {
    return (
      <li>
        <TitleField
          title={title}
          done={(next) => {
            setRenaming(false);
            if (next && next !== title) rename(next);
          }}
        />
      </li>
    );
  }
  return (
    <li class={current ? "current" : ""}>
      <button type="button" class="open" aria-current={current ? "page" : undefined} onClick={open}>
        {title}
      </button>
      <span class="actions">
        <button
          ref={pencil}
          type="button"
          class="quiet"
          aria-label={`Rename ${title}`}
          onClick={() => setRenaming(true)}
        >
          <Icon name="pencil" />
        </button>
        <button type="button" class="quiet" aria-label={`Delete ${title}`} onClick={remove}>
          <Icon name="trash" />
        </button>
      </span>
    </li>
  );
}

function TitleField({ title, done }: { title: string; done: (next: string | undefined) => void }) {
  const field = useRef<HTMLInputElement>(null);
  // Before the next key can be pressed, which an effect after the paint would miss.
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  return (
    <input
      ref={field}
      aria-label="Title"
      maxLength={256}
      defaultValue={title}
      onBlur={() => done(undefined)}
      onKeyDown={(event) => {
        if (event.key === "Enter") done(event.currentTarget.value.trim());
        if (event.key !== "Escape") return;
        event.stopPropagation();
        done(undefined);
      }}
    />
  );
}

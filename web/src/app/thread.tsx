import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../model/chat.ts";
import { Icon } from "./icon.tsx";
import { TurnArticle } from "./turn-article.tsx";

/** Pixels from the end within which the thread counts as read to its end. */
const NEAR_END = 48;

/** The turns of a conversation. It follows the newest text until someone scrolls up. */
export function Thread({ chat }: { chat: Chat }) {
  const frame = useRef<HTMLElement>(null);
  const lastTop = useRef(0);
  const [pinned, setPinned] = useState(true);
  const turns = chat.turns.value;
  const follow = (): void => {
    if (frame.current) frame.current.scrollTop = frame.current.scrollHeight;
  };
  useEffect(() => setPinned(true), [turns.length]);
  useEffect(() => {
    if (pinned) follow();
  });
  return (
    <div class="frame">
      <main
        class="thread"
        ref={frame}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          const left = scrollHeight - scrollTop - clientHeight;
          // A text that got shorter moves the view up too, but leaves it at the end.
          if (scrollTop < lastTop.current && left > 2) setPinned(false);
          else if (left < NEAR_END) setPinned(true);
          lastTop.current = scrollTop;
        }}
      >
        {turns.map((turn, at) => (
          <TurnArticle key={at} chat={chat} turn={turn} />
        ))}
      </main>
      {!pinned && (
        <button
          type="button"
          class="to-end"
          onClick={() => {
            setPinned(true);
            follow();
          }}
        >
          <Icon name="down" />
          To the end
        </button>
      )}
    </div>
  );
}

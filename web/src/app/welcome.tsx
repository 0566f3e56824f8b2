import type { Chat } from "../model/chat.ts";
import { Mark } from "./icon.tsx";

const SUGGESTIONS = [
  { feature: "Two tools at once", text: "17% of 2400, and what time is it in Oslo?" },
  { feature: "Live data", text: "What is the weather in Lisbon?" },
  {
    feature: "Exact dates and units",
    text: "26.2 miles in km, and how many days from 3 March to 19 August?",
  },
  { feature: "Your documents, with sources", text: "What do my documents say about deadlines?" },
] as const;

/** An empty conversation: four questions that each show what the tools can do. */
export function Welcome({ chat }: { chat: Chat }) {
  return (
    <main class="thread welcome">
      <div>
        <Mark />
        <h2>What would you like to know?</h2>
        <p>Tools work first, the answer follows, and every step is shown.</p>
        <ul class="suggestions">
          {SUGGESTIONS.map(({ feature, text }) => (
            <li key={feature}>
              <button type="button" onClick={() => void chat.send(text)}>
                <span class="feature">{feature}</span>
                <span>{text}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </main>
  );
}

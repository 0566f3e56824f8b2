import type { Conversation } from "@forerun/contracts/forerun/chat/v1/chat_pb";
import { type Signal, signal } from "@preact/signals";
import type { ChatClient } from "./follow-turn.ts";
import { type ShownError, shownError } from "./shown-error.ts";

const MOST_SHOWN = 100;

/** The conversations there are, last used first. Failures land in the page's one error. */
export class ConversationList {
  readonly items = signal<readonly Conversation[]>([]);
  readonly #client: ChatClient;
  readonly #error: Signal<ShownError | undefined>;

  constructor(client: ChatClient, error: Signal<ShownError | undefined>) {
    this.#client = client;
    this.#error = error;
  }

  async refresh(): Promise<void> {
    await this.#trying(async () => {
      this.items.value = (await this.#client.listConversations({ pageSize: MOST_SHOWN })).conversations;
    });
  }

  async rename(conversationId: string, title: string): Promise<void> {
    await this.#trying(() => this.#client.updateConversation({ conversationId, title }));
    await this.refresh();
  }

  /** Whether it is gone. */
  async remove(conversationId: string): Promise<boolean> {
    const gone = await this.#trying(() => this.#client.deleteConversation({ conversationId }));
    await this.refresh();
    return gone;
  }

  async #trying(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (thrown) {
      this.#error.value = shownError(thrown);
      return false;
    }
  }
}

import { TurnState } from "@forerun/contracts/forerun/chat/v1/turn_pb";
import { batch, computed, signal } from "@preact/signals";
import { ConversationList } from "./conversation-list.ts";
import { foldEvent, hasEnded } from "./fold-event.ts";
import { type ChatClient, followTurn, type Start } from "./follow-turn.ts";
import { loadTurns } from "./load-turns.ts";
import { type ShownError, shownError } from "./shown-error.ts";
import { newTurnView, type TurnView } from "./turn-view.ts";

/** What the browser provides, so that tests can provide it too. */
export type Surroundings = {
  /** Rejects when the signal aborts. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Unguessable and unique. */
  newKey: () => string;
  /** Puts the open conversation into the address, so that a reload comes back to it. */
  remember: (conversationId: string) => void;
};

/** The conversation on screen and what can be done with it. Leaving it ends its streams; the turns behind them go on. */
export class Chat {
  readonly list: ConversationList;
  readonly conversationId = signal("");
  readonly turns = signal<readonly TurnView[]>([]);
  readonly draft = signal("");
  readonly error = signal<ShownError | undefined>(undefined);
  /** False while a broken connection is being mended. */
  readonly connected = signal(true);
  readonly running = computed(() => this.turns.value.find((turn) => !hasEnded(turn)));
  readonly #client: ChatClient;
  readonly #surroundings: Surroundings;
  #onScreen = new AbortController();

  constructor(client: ChatClient, surroundings: Surroundings) {
    this.#client = client;
    this.#surroundings = surroundings;
    this.list = new ConversationList(client, this.error);
  }

  async send(text: string): Promise<void> {
    if (!text.trim() || this.running.value) return;
    const at = this.turns.value.length;
    const idempotencyKey = this.#surroundings.newKey();
    const input = { text, conversationId: this.conversationId.value, idempotencyKey };
    batch(() => {
      this.turns.value = [...this.turns.value, newTurnView(text, TurnState.QUEUED)];
      this.draft.value = "";
    });
    const { signal } = this.#onScreen;
    await this.#showing(() => this.#follow(at, { input }));
    if (!signal.aborted && !this.turns.value[at]?.turnId) this.#takeBack(at, text);
    await this.list.refresh();
  }

  /** Cancels the running turn on the server; its last event comes by its stream. */
  async stop(): Promise<void> {
    const turnId = this.running.value?.turnId;
    if (turnId) await this.#showing(() => this.#client.cancelTurn({ turnId }));
  }

  /** Shows a stored conversation and goes on with its running turn; an empty id begins a new one. */
  async open(conversationId: string): Promise<void> {
    this.#onScreen.abort();
    this.#onScreen = new AbortController();
    this.#surroundings.remember(conversationId);
    batch(() => {
      this.conversationId.value = conversationId;
      this.turns.value = [];
      this.error.value = undefined;
      this.connected.value = true;
    });
    if (conversationId) await this.#showing(() => this.#load(conversationId));
  }

  /** Fetches the events of a turn that came from the store, for its timeline. */
  async loadEvents(turnId: string): Promise<void> {
    const at = this.turns.value.findIndex((turn) => turn.turnId === turnId);
    const turn = this.turns.value[at];
    if (!turn || turn.timing.beganAt !== undefined) return;
    await this.#showing(() => this.#follow(at, { turnId, epoch: 0, sequence: 0 }, true));
  }

  async #load(conversationId: string): Promise<void> {
    const { signal } = this.#onScreen;
    const loaded = await loadTurns(this.#client, conversationId, signal);
    if (signal.aborted) return;
    this.turns.value = loaded;
    const at = loaded.findIndex((turn) => !hasEnded(turn));
    const turnId = loaded[at]?.turnId;
    if (turnId) await this.#follow(at, { turnId, epoch: 0, sequence: 0 }, true);
  }

  /** Folds a turn's events into its view; `anew` when they come from the first on. */
  async #follow(at: number, start: Start, anew = false): Promise<void> {
    const { signal } = this.#onScreen;
    const connected = (flowing: boolean): void => {
      this.connected.value = flowing;
    };
    const question = this.turns.value[at]?.question ?? "";
    let view = anew ? newTurnView(question, TurnState.IN_PROGRESS) : this.turns.value[at];
    for await (const event of followTurn(this.#client, start, {
      signal,
      connected,
      pause: this.#surroundings.pause,
    })) {
      if (signal.aborted || !view) return;
      view = foldEvent(view, event);
      this.#show(at, view);
    }
  }

  #show(at: number, view: TurnView): void {
    const { conversationId } = view;
    batch(() => {
      this.turns.value = this.turns.value.with(at, view);
      if (!conversationId || this.conversationId.value) return;
      this.conversationId.value = conversationId;
      this.#surroundings.remember(conversationId);
      void this.list.refresh();
    });
  }

  /** A message that the server never accepted goes back into the composer. */
  #takeBack(at: number, text: string): void {
    batch(() => {
      this.turns.value = this.turns.value.slice(0, at);
      this.draft.value ||= text;
    });
  }

  /** Runs what fills the screen; a failure is shown, unless the conversation was left meanwhile. */
  async #showing(work: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#onScreen;
    this.error.value = undefined;
    try {
      await work();
    } catch (thrown) {
      if (!signal.aborted) this.error.value = shownError(thrown);
    } finally {
      if (!signal.aborted) this.connected.value = true;
    }
  }
}

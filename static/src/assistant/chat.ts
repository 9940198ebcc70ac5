// The assistant's conversations kept in step with the server: the reducer, and the questions that it wants asked.
// Whoever shows them is told that something changed and reads `state`.

import type {
  AssistantEvent,
  ChatAvailability,
  ChatCommands,
  ChatMessage,
  ChatMode,
  Decision,
  RecordedCall,
  SentMessage,
  TurnChanges,
} from "../protocol/chat";
import { type ChatEffect, type ChatInput, type ChatState, NOTHING_SAID, reduce, showing, shownConversation } from "./chat_state";

export interface ChatServer {
  send<Name extends keyof ChatCommands>(type: Name, fields: ChatCommands[Name][0]): Promise<ChatCommands[Name][1]>;
}

export interface ChatObserver {
  changed(): void;
}

/** What a new conversation begins with. */
export interface Choices {
  readonly mode: ChatMode;
  /** Null: what the server takes. */
  readonly model: string | null;
}

// The server writes a turn's row at most 0.3 s behind what it tells.
const WRITTEN_BY_MS = 400;

export class Chat {
  #server: ChatServer;
  #observer: ChatObserver;
  #state = NOTHING_SAID;
  #availability: ChatAvailability | null = null;
  #choices: Choices = { mode: "agent", model: null };
  #search = "";
  /** Turns that are being asked for; true: ask once more after. */
  #fetching = new Map<string, boolean>();

  constructor(server: ChatServer, observer: ChatObserver) {
    this.#server = server;
    this.#observer = observer;
  }

  // What is known

  get state(): ChatState {
    return this.#state;
  }

  /** Null until the server has answered. */
  get availability(): ChatAvailability | null {
    return this.#availability;
  }

  /** Those of the conversation in view. */
  get choices(): Choices {
    return shownConversation(this.#state) ?? this.#choices;
  }

  get search(): string {
    return this.#search;
  }

  // Actions

  /** At first, and after each time without a connection: what was told meanwhile is asked for. */
  async open(conversationId: string | null): Promise<void> {
    if (conversationId !== this.#state.shown_id) this.#become(showing(this.#state, conversationId));
    const asked = [this.#askAvailability(), this.#askList(), this.#askShown()];
    for (const { status, reason } of (await Promise.allSettled(asked)) as PromiseRejectedResult[]) {
      if (status === "rejected") throw reason;
    }
  }

  heard(news: ChatMessage | AssistantEvent): void {
    this.#take(news);
    if (news.type === "chat" && news.event.type === "done") void this.#askAvailability().catch(() => {});
  }

  async show(conversationId: string | null): Promise<void> {
    this.#become(showing(this.#state, conversationId));
    await this.#askShown();
  }

  async showEarlier(): Promise<void> {
    const { shown_id: conversation_id, turns } = this.#state;
    const before_number = turns[0]?.number;
    if (conversation_id === null || before_number === undefined) return;
    const earlier = await this.#server.send("chat_conversation", { conversation_id, before_number });
    this.#take({ type: "earlier", conversation_id, turns: earlier.turns });
  }

  async searchFor(search: string): Promise<void> {
    this.#search = search;
    await this.#askList();
  }

  async send(message: Omit<SentMessage, "conversation_id" | "mode" | "model">): Promise<void> {
    const { shown_id } = this.#state;
    const { mode, model } = this.#choices;
    const chosen = { mode, ...(model === null ? {} : { model }) };
    const place = shown_id === null ? chosen : { conversation_id: shown_id };
    this.#take({ type: "sent", ...(await this.#server.send("chat_send", { ...message, ...place })) });
    // Those that were replaced are told in no event.
    if (message.instead_of !== undefined) await this.#askShown();
  }

  async choose(choices: Partial<Choices>): Promise<void> {
    const { shown_id } = this.#state;
    this.#choices = { ...this.#choices, ...choices };
    this.#observer.changed();
    if (shown_id === null) return;
    const { mode, model } = choices;
    const fields = { conversation_id: shown_id, ...(mode ? { mode } : {}), ...(model ? { model } : {}) };
    const { conversation } = await this.#server.send("chat_configure", fields);
    this.#take({ type: "conversation_updated", conversation });
  }

  async rename(conversation_id: string, title: string): Promise<void> {
    const { conversation } = await this.#server.send("chat_configure", { conversation_id, title });
    this.#take({ type: "conversation_updated", conversation });
  }

  async cancel(turn_id: string, interrupt: boolean): Promise<void> {
    this.#take({ type: "turn", ...(await this.#server.send("chat_cancel", { turn_id, interrupt })) });
  }

  async retry(turn_id: string): Promise<void> {
    this.#take({ type: "turn", ...(await this.#server.send("chat_retry", { turn_id })) });
  }

  async decide(tool_call_id: string, decision: Decision, answer: string): Promise<void> {
    const fields = { tool_call_id, decision, ...(answer ? { answer } : {}) };
    this.#take({ type: "turn", ...(await this.#server.send("chat_decide", fields)) });
  }

  async record(turn_id: string): Promise<readonly RecordedCall[]> {
    return (await this.#server.send("chat_record", { turn_id })).calls;
  }

  async changes(turn_id: string): Promise<TurnChanges> {
    return this.#server.send("chat_changes", { turn_id });
  }

  async undo(turn_id: string): Promise<void> {
    await this.#server.send("chat_undo", { turn_id });
  }

  // Private

  async #askAvailability(): Promise<void> {
    this.#availability = await this.#server.send("chat_state", {});
    this.#observer.changed();
  }

  async #askList(): Promise<void> {
    const search = this.#search;
    const { conversations } = await this.#server.send("chat_conversations", search ? { search } : {});
    if (search === this.#search) this.#take({ type: "listed", conversations });
  }

  async #askShown(): Promise<void> {
    const { shown_id } = this.#state;
    if (shown_id === null) return;
    const opened = await this.#server.send("chat_conversation", { conversation_id: shown_id });
    this.#take({ type: "opened", ...opened });
  }

  #take(input: ChatInput): void {
    const { state, effects } = reduce(this.#state, input);
    this.#become(state);
    for (const effect of effects) void this.#fetch(effect);
  }

  #become(state: ChatState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#observer.changed();
  }

  async #fetch({ turn_id, soon }: ChatEffect): Promise<void> {
    if (this.#fetching.has(turn_id)) {
      this.#fetching.set(turn_id, true);
      return;
    }
    this.#fetching.set(turn_id, false);
    if (soon) await new Promise((resolve) => setTimeout(resolve, WRITTEN_BY_MS));
    let again: boolean | undefined;
    try {
      const { turn } = await this.#server.send("chat_turn", { turn_id });
      again = this.#fetching.get(turn_id);
      this.#fetching.delete(turn_id);
      this.#take({ type: "turn", turn });
    } catch {
      // Without a connection: all is asked again when it is back.
      this.#fetching.delete(turn_id);
    }
    if (again) void this.#fetch({ type: "fetch_turn", turn_id, soon: true });
  }
}

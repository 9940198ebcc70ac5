// All that happens in the assistant's panel. Loaded when it is first opened (panel.ts): it wires the conversation kept in
// step with the server (chat.ts) to what is shown of it.

import { find } from "../dom";
import { messageOf } from "../message_of";
import type { AssistantEvent, ChatMessage, Turn, TurnChanges } from "../protocol/chat";
import { CommandError } from "../protocol/socket";
import type { CellKind } from "../protocol/types";
import { showChanges, showChangesNote } from "./changes";
import { Chat } from "./chat";
import { shownConversation } from "./chat_state";
import { Composer } from "./composer";
import { ConversationList } from "./conversation_list";
import { MeantFiles } from "./meant_files";
import { meantBy, meantCell, meantIn } from "./meant_here";
import { showRecord, showRecordNote } from "./record";
import type { AssistantServices, Request } from "./services";
import { Thread } from "./thread";
import { isUnfinished } from "./turn";

type View = "thread" | "list" | "record" | "changes";

const KINDS: Readonly<Record<string, CellKind>> = {
  ...{ sql: "sql", markdown: "markdown", md: "markdown" },
  ...{ javascript: "javascript", js: "javascript" },
};
const SHELLS = ["bash", "sh", "shell", "console", "zsh"];

export class Room {
  #panel: HTMLElement;
  #services: AssistantServices;
  #chat: Chat;
  #thread: Thread;
  #composer: Composer;
  #list: ConversationList;
  #frame = 0;
  #files: MeantFiles;
  /** The cell that was last in use, for what is inserted. */
  #lastCell: string | null = null;

  constructor(panel: HTMLElement, services: AssistantServices) {
    [this.#panel, this.#services] = [panel, services];
    this.#chat = new Chat(services, { changed: () => this.#changed() });
    this.#thread = new Thread(find(panel, "[data-part=thread]"), services);
    this.#list = new ConversationList(find(panel, ".assistant-list"), (words) => this.#told(this.#chat.searchFor(words)));
    this.#files = new MeantFiles(services, () => this.#composer.renewOffers());
    this.#composer = new Composer(find<HTMLFormElement>(panel, "[data-part=composer]"), services, {
      send: (message) => this.#send(message),
      choose: (choices) => this.#told(this.#chat.choose(choices)),
      meant: () => [...meantIn(services), ...this.#files.all],
      mentioning: (typed) => this.#files.want(typed),
    });
    this.#wire();
  }

  // Lifecycle

  /** The conversation that was in view when the page was last left. */
  async begin(): Promise<void> {
    const remembered = localStorage.getItem(this.#rememberedKey);
    try {
      await this.#chat.open(remembered);
    } catch (error) {
      if (!(error instanceof CommandError && error.code === "not_found")) throw error;
      await this.#chat.open(null);
    }
  }

  // Actions

  focus(): void {
    this.#composer.focus();
  }

  heard(news: ChatMessage | AssistantEvent): void {
    this.#chat.heard(news);
  }

  /** The connection is back. */
  refresh(): void {
    this.#told(this.#chat.open(this.#chat.state.shown_id));
  }

  /** The notebook is another. */
  follow(): void {
    this.#changed();
  }

  async ask({ message, cells }: Request): Promise<void> {
    const { numbers } = this.#services;
    const meant = cells.map(({ id }) => meantCell(id, numbers().get(id) ?? 0));
    this.#show("thread");
    if (!this.#chat.availability?.is_available) return this.#composer.write(message, meant);
    try {
      await this.#send({ message, mentions: meant.map(({ mention }) => mention) });
    } catch (error) {
      this.#composer.write(message, meant);
      this.#services.report(error);
    }
  }

  async showTurn(conversationId: string, turnId: string): Promise<void> {
    this.#show("thread");
    try {
      if (this.#chat.state.shown_id !== conversationId) await this.#chat.show(conversationId);
      // It may be further up than what is told at once.
      while (this.#chat.state.has_earlier && !this.#chat.state.turns.some(({ id }) => id === turnId)) {
        await this.#chat.showEarlier();
      }
      this.#draw();
      this.#thread.goTo(turnId);
    } catch (error) {
      this.#services.report(error);
    }
  }

  // Private

  get #rememberedKey(): string {
    return `${this.#services.storageKey}:conversation`;
  }

  get #running(): Turn | undefined {
    return this.#chat.state.turns.findLast(isUnfinished);
  }

  #wire(): void {
    find(this.#panel, "[data-part=message]").addEventListener("focus", () => void this.#files.renew());
    const title = find<HTMLInputElement>(this.#panel, "[data-part=title]");
    title.addEventListener("change", () => this.#rename(title.value.trim()));
    title.addEventListener("keydown", ({ key }) => key === "Enter" && title.blur());
    this.#panel.addEventListener("click", (event) => this.#clicked(event));
    this.#panel.addEventListener("submit", (event) => this.#answered(event));
    this.#panel.addEventListener("dragover", (event) => this.#draggedOver(event));
    this.#panel.addEventListener("dragleave", () => delete this.#panel.dataset["drop"]);
    this.#panel.addEventListener("drop", (event) => this.#dropped(event));
    document.addEventListener("focusin", ({ target }) => {
      const cell = target instanceof Element ? target.closest<HTMLElement>("tandem-cell") : null;
      if (cell) this.#lastCell = cell.dataset["cellId"] ?? null;
    });
  }

  #changed(): void {
    // However fast the words come, they are drawn once a frame.
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    const { state, availability, choices } = this.#chat;
    remember(this.#rememberedKey, state.shown_id);
    const title = find<HTMLInputElement>(this.#panel, "[data-part=title]");
    const conversation = shownConversation(state);
    if (document.activeElement !== title) title.value = conversation?.title ?? "";
    title.readOnly = !conversation;
    find(this.#panel, "[data-part=note]").textContent = "";
    const problem = find(this.#panel, "[data-part=problem]");
    problem.textContent = availability?.problem ?? "";
    problem.hidden = !availability?.problem;
    this.#panel.dataset["state"] = availability && !availability.is_available ? "unavailable" : "ready";
    this.#thread.show(state);
    if (this.#panel.dataset["view"] === "list") this.#list.show(state);
    // Who wants a cell that is queued is not known here.
    const hasCells = this.#services
      .notebook()
      .cells.some(({ status, run_by }) => status === "queued" || (status === "running" && run_by?.kind === "assistant"));
    this.#composer.show({ availability, choices, running: this.#running, hasCells });
  }

  #show(view: View): void {
    this.#panel.dataset["view"] = view;
    find(this.#panel, "[data-chat=list]").ariaExpanded = String(view === "list");
    if (view === "list") this.#list.show(this.#chat.state);
    if (view === "list") this.#list.focus();
  }

  async #send(message: Parameters<Chat["send"]>[0]): Promise<void> {
    // The assistant reads what the server has.
    await this.#services.flush();
    await this.#chat.send(message);
    this.#show("thread");
    this.#thread.goToEnd();
  }

  #clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-chat]");
    if (!button) return;
    const turnId = button.closest<HTMLElement>("[data-turn]")?.dataset["turn"] ?? "";
    const toolId = button.closest<HTMLElement>("[data-tool]")?.dataset["tool"] ?? "";
    switch (button.dataset["chat"]) {
      case "list":
        return this.#show(this.#panel.dataset["view"] === "list" ? "thread" : "list");
      case "thread":
        return this.#show("thread");
      case "new":
        return this.#open(null);
      case "open":
        return this.#open(button.dataset["conversation"] ?? null);
      case "suggest":
        return this.#composer.write(button.textContent ?? "", []);
      case "earlier":
        return this.#told(this.#chat.showEarlier());
      case "stop":
      case "stop-all":
        return this.#stop(button.dataset["chat"] === "stop-all");
      case "retry":
        return this.#told(this.#chat.retry(turnId));
      case "edit":
        return this.#edit(turnId);
      case "record":
        return void this.#showRecord(turnId);
      case "changes":
        return void this.#showChanges(turnId, () => this.#chat.changes(turnId));
      case "undo":
        return this.#undo(turnId);
      case "approve":
        return this.#told(this.#chat.decide(toolId, "approved", ""), button);
      case "reject":
        return this.#told(this.#chat.decide(toolId, "rejected", reasonBeside(button)), button);
      case "answer":
        return this.#told(this.#chat.decide(toolId, "answered", button.textContent ?? ""), button);
      case "insert":
        return this.#insert(button);
      case "copy":
        return void this.#copy(button);
    }
  }

  #answered(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    const toolId = form.closest<HTMLElement>("[data-tool]")?.dataset["tool"];
    if (toolId === undefined) return;
    event.preventDefault();
    const answer = find<HTMLInputElement>(form, "input").value.trim();
    if (answer) this.#told(this.#chat.decide(toolId, "answered", answer), form.querySelector("button"));
  }

  #open(conversationId: string | null): void {
    this.#show("thread");
    this.#told(this.#chat.show(conversationId));
    this.#composer.focus();
  }

  #rename(title: string): void {
    const { shown_id } = this.#chat.state;
    if (shown_id !== null && title) this.#told(this.#chat.rename(shown_id, title));
    else this.#changed();
  }

  #stop(withCells: boolean): void {
    const turn = this.#running;
    if (turn) this.#told(this.#chat.cancel(turn.id, withCells));
  }

  #edit(turnId: string): void {
    const turn = this.#chat.state.turns.find(({ id }) => id === turnId);
    if (turn) this.#composer.edit(turn, meantBy(turn.mentions, this.#services));
  }

  async #showRecord(turnId: string): Promise<void> {
    const record = find(this.#panel, "[data-part=record]");
    showRecordNote(record, "Loading…");
    this.#show("record");
    try {
      showRecord(record, await this.#chat.record(turnId));
    } catch (error) {
      showRecordNote(record, messageOf(error));
    }
  }

  async #showChanges(turnId: string, ask: () => Promise<TurnChanges>): Promise<void> {
    const view = find(this.#panel, "[data-part=changes]");
    showChangesNote(view, "Loading…");
    view.dataset["turn"] = turnId;
    this.#show("changes");
    try {
      showChanges(view, await ask(), this.#services);
    } catch (error) {
      showChangesNote(view, messageOf(error));
    }
  }

  #undo(turnId: string): void {
    void this.#showChanges(turnId, async () => {
      // What is typed and not sent is somebody's work since.
      await this.#services.flush();
      await this.#chat.undo(turnId).catch((error: unknown) => this.#services.report(error));
      return this.#chat.changes(turnId);
    });
  }

  #insert(button: HTMLElement): void {
    const { code, language } = codeOf(button);
    const source = SHELLS.includes(language) ? `%%bash\n${code}` : code;
    const after = this.#lastCell !== null && this.#services.numbers().has(this.#lastCell) ? this.#lastCell : null;
    this.#services.insertCell(KINDS[language] ?? "python", source, after);
  }

  async #copy(button: HTMLElement): Promise<void> {
    try {
      await navigator.clipboard.writeText(codeOf(button).code);
      this.#services.inform("Copied.");
    } catch {
      this.#services.report(new Error("The browser did not let it be copied. Select the text and copy it."));
    }
  }

  #draggedOver(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#panel.dataset["drop"] = "over";
  }

  #dropped(event: DragEvent): void {
    delete this.#panel.dataset["drop"];
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.#composer.attach(event.dataTransfer.files);
  }

  /** Somebody is told if it did not work; `button` cannot be pressed twice meanwhile. */
  #told(promise: Promise<void>, button?: HTMLElement | null): void {
    if (button instanceof HTMLButtonElement) button.disabled = true;
    promise
      .catch((error: unknown) => this.#services.report(error))
      .finally(() => {
        if (button instanceof HTMLButtonElement) button.disabled = false;
      });
  }
}

function codeOf(button: HTMLElement): { code: string; language: string } {
  const figure = button.closest<HTMLElement>(".chat-code");
  const code = figure?.querySelector("[data-part=code]")?.textContent ?? "";
  return { code, language: (figure?.dataset["language"] ?? "").toLowerCase() };
}

function reasonBeside(button: HTMLElement): string {
  return button.parentElement?.querySelector<HTMLInputElement>("[data-part=why]")?.value.trim() ?? "";
}

function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing for us begins with a new conversation next time.
  }
}

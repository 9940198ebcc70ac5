// <tandem-assistant>: the drawer of the assistant. What is in it is loaded when it is first opened (room.ts), and again after
// a reload of the page if it was open. Its markup is templates/notebook/_assistant.html.

import { find } from "../dom";
import { Drawer } from "../panels/drawer";
import type { AssistantEvent, ChatMessage } from "../protocol/chat";
import type { Room } from "./room";
import type { AssistantServices, Request } from "./services";

const FAILED = "This part of the page could not be loaded. Reload the page.";

export class AssistantPanel extends Drawer {
  #services: AssistantServices | null = null;
  #room: Room | null = null;
  #loading: Promise<Room> | null = null;

  // Lifecycle

  start(services: AssistantServices): void {
    this.#services = services;
    if (wasOpen(this.#key)) this.#reveal();
  }

  // Actions

  open(): void {
    this.#reveal();
    void this.#enter().then((room) => room?.focus());
  }

  override close(): void {
    super.close();
    keepOpen(this.#key, false);
  }

  async ask(request: Request): Promise<void> {
    this.#reveal();
    await (await this.#enter())?.ask(request);
  }

  async showTurn(conversationId: string, turnId: string): Promise<void> {
    this.#reveal();
    await (await this.#enter())?.showTurn(conversationId, turnId);
  }

  heard(news: ChatMessage | AssistantEvent): void {
    this.#room?.heard(news);
  }

  /** The connection is there (again). */
  opened(): void {
    this.#room?.refresh();
  }

  /** The notebook is another. */
  follow(): void {
    if (!this.hidden) this.#room?.follow();
  }

  // Private

  get #key(): string {
    return `${this.#services?.storageKey ?? ""}:open`;
  }

  #reveal(): void {
    this.#services?.makeRoom();
    this.show();
    keepOpen(this.#key, true);
    void this.#enter();
  }

  /** Null if it could not be loaded; the next try may do. */
  async #enter(): Promise<Room | null> {
    try {
      this.#loading ??= this.#load();
      return await this.#loading;
    } catch (error) {
      this.#loading = null;
      const note = find(this, "[data-part=note]");
      note.textContent = this.#room && error instanceof Error ? error.message : FAILED;
      return null;
    }
  }

  async #load(): Promise<Room> {
    if (!this.#services) throw new Error("The panel was not started yet.");
    const services = this.#services;
    this.#room ??= new (await import("./room")).Room(this, services);
    await this.#room.begin();
    return this.#room;
  }
}

function wasOpen(key: string): boolean {
  try {
    return sessionStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

function keepOpen(key: string, isOpen: boolean): void {
  try {
    if (isOpen) sessionStorage.setItem(key, "");
    else sessionStorage.removeItem(key);
  } catch {
    // It is closed after a reload then.
  }
}

customElements.define("tandem-assistant", AssistantPanel);

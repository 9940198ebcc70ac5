// The form below the conversation: the message, what is attached to it, who may do what, Stop. What is typed is kept over
// a reload.

import { find, fromTemplate } from "../dom";
import { chooseSuggestions, wantsSuggestions } from "../editor/suggestions_choice";
import type { ChatAvailability, ChatMode, SentMessage, Turn } from "../protocol/chat";
import { attachable, type Attached, encoded } from "./attachments";
import type { Choices } from "./chat";
import { type Meant, mentionsIn } from "./mentions";
import { Offers } from "./offers";
import type { AssistantServices } from "./services";
import { sizeOf, todayLine } from "./wording";

export interface ComposerActions {
  /** Resolves when the server has it; what was typed is then gone from here. */
  send(message: Omit<SentMessage, "conversation_id" | "mode" | "model">): Promise<void>;
  choose(choices: Partial<Choices>): void;
  meant(): readonly Meant[];
  /** Somebody types this after an @. */
  mentioning(typed: string): void;
}

export interface Standing {
  readonly availability: ChatAvailability | null;
  readonly choices: Choices;
  readonly running: Turn | undefined;
  /** Of the notebook some are queued, or run for the assistant. */
  readonly hasCells: boolean;
}

interface Draft {
  readonly text: string;
  readonly chosen: readonly Meant[];
}

export class Composer {
  #form: HTMLFormElement;
  #services: AssistantServices;
  #actions: ComposerActions;
  #offers: Offers;
  #chosen: Meant[] = [];
  #attached: Attached[] = [];
  #instead: string | null = null;
  #isSending = false;

  constructor(form: HTMLFormElement, services: AssistantServices, actions: ComposerActions) {
    [this.#form, this.#services, this.#actions] = [form, services, actions];
    const list = find(form, "[data-part=offers]");
    this.#offers = new Offers(list, this.#text, {
      meant: (typed) => (actions.mentioning(typed), actions.meant()),
      chosen: (meant) => this.#chosen.push(meant),
    });
    form.addEventListener("submit", (event) => (event.preventDefault(), void this.#send()));
    form.addEventListener("click", (event) => this.#clicked(event));
    form.addEventListener("change", (event) => this.#changed(event.target as HTMLElement));
    this.#text.addEventListener("input", () => this.#typed());
    this.#text.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.#text.addEventListener("click", () => this.#offers.refresh());
    this.#text.addEventListener("paste", (event) => this.#pasted(event));
    this.#restore();
    const suggestions = form.querySelector<HTMLInputElement>("[data-part=suggestions]");
    if (suggestions) suggestions.checked = wantsSuggestions();
  }

  // Actions

  focus(): void {
    this.#text.focus();
  }

  show({ availability, choices, running, hasCells }: Standing): void {
    find<HTMLSelectElement>(this.#form, "[data-part=mode]").value = choices.mode;
    this.#showModels(availability, choices.model);
    find(this.#form, "[data-part=stop]").hidden = !running;
    find(this.#form, "[data-part=stop-all]").hidden = !running || !hasCells || !this.#services.canEdit;
    find(this.#form, "[data-part=today]").textContent = availability ? todayLine(availability) : "";
    const send = find<HTMLButtonElement>(this.#form, "[data-part=send]");
    send.disabled = this.#isSending || !availability?.is_available;
  }

  /** There is more, or less, that can be meant. */
  renewOffers(): void {
    if (document.activeElement === this.#text) this.#offers.renew();
  }

  /** Put words there, for somebody to go on with. */
  write(text: string, chosen: readonly Meant[]): void {
    this.#text.value = text;
    this.#chosen = [...chosen];
    this.#typed();
    this.#offers.close();
    this.focus();
  }

  /** Say it in another way: the turn and what came after it are left out then. */
  edit({ id, message }: Turn, chosen: readonly Meant[]): void {
    this.#setInstead(id);
    this.write(message, chosen);
  }

  attach(files: Iterable<File>): void {
    try {
      for (const file of files) {
        this.#attached.push(attachable(file, this.#attached, this.#services.canEdit));
      }
    } catch (error) {
      this.#services.report(error);
    }
    this.#showAttached();
  }

  // Private

  get #text(): HTMLTextAreaElement {
    return find<HTMLTextAreaElement>(this.#form, "[data-part=message]");
  }

  async #send(): Promise<void> {
    const message = this.#text.value.trim();
    if (this.#isSending || (message === "" && this.#attached.length === 0)) return;
    this.#isSending = true;
    try {
      const attachments = await Promise.all(this.#attached.map(encoded));
      const mentions = mentionsIn(message, [...this.#chosen, ...this.#actions.meant()]);
      const instead = this.#instead === null ? {} : { instead_of: this.#instead };
      await this.#actions.send({ message, mentions, attachments, ...instead });
      this.#clear();
    } catch (error) {
      // What was typed stays, to be sent again.
      this.#services.report(error);
    } finally {
      this.#isSending = false;
    }
  }

  #clear(): void {
    this.#text.value = "";
    this.#chosen = [];
    this.#attached = [];
    this.#setInstead(null);
    this.#showAttached();
    this.#typed();
  }

  #setInstead(turnId: string | null): void {
    this.#instead = turnId;
    find(this.#form, "[data-part=editing]").hidden = turnId === null;
  }

  #typed(): void {
    this.#grow();
    this.#offers.refresh();
    const draft: Draft = { text: this.#text.value, chosen: this.#chosen };
    try {
      if (draft.text === "") localStorage.removeItem(this.#draftKey);
      else localStorage.setItem(this.#draftKey, JSON.stringify(draft));
    } catch {
      // A browser that keeps nothing for us; the text is still here.
    }
  }

  get #draftKey(): string {
    return `${this.#services.storageKey}:draft`;
  }

  #restore(): void {
    // Somebody was quicker than the code.
    if (this.#text.value !== "") return;
    try {
      const { text, chosen } = JSON.parse(localStorage.getItem(this.#draftKey) ?? "null") as Draft;
      this.#text.value = text;
      this.#chosen = [...chosen];
      this.#grow();
    } catch {
      // There is none, or none that we wrote.
    }
  }

  #grow(): void {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  #keyPressed(event: KeyboardEvent): void {
    // Enter also ends what an input method composes.
    if (event.isComposing) return;
    if (this.#offers.keyPressed(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#form.requestSubmit();
    }
  }

  #clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-compose]");
    if (!button) return;
    if (button.dataset["compose"] === "leave") return this.#clear();
    const chip = button.closest("li");
    const index = chip ? [...find(this.#form, "[data-part=attachments]").children].indexOf(chip) : -1;
    this.#attached.splice(index, 1);
    this.#showAttached();
    this.focus();
  }

  #changed(target: HTMLElement): void {
    if (target instanceof HTMLSelectElement) {
      const { value } = target;
      return this.#actions.choose(target.dataset["part"] === "mode" ? { mode: value as ChatMode } : { model: value });
    }
    if (!(target instanceof HTMLInputElement)) return;
    if (target.dataset["part"] === "suggestions") return chooseSuggestions(target.checked);
    if (target.dataset["part"] !== "files") return;
    this.attach(target.files ?? []);
    // The same file can be chosen again.
    target.value = "";
  }

  #pasted(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    // What spreadsheets copy is a picture too; people mean the text.
    if (files.length === 0 || event.clipboardData?.types.includes("text/plain")) return;
    event.preventDefault();
    this.attach(files);
  }

  #showAttached(): void {
    const list = find(this.#form, "[data-part=attachments]");
    for (const image of list.querySelectorAll<HTMLImageElement>("img[src]")) URL.revokeObjectURL(image.src);
    const chips = this.#attached.map(({ file, kind }) => {
      const chip = fromTemplate("template-chip");
      find(chip, "[data-part=name]").textContent = file.name;
      find(chip, "[data-part=size]").textContent = sizeOf(file.size);
      const remove = find(chip, "button");
      remove.title = remove.ariaLabel = `Remove ${file.name}`;
      const image = find<HTMLImageElement>(chip, "[data-part=image]");
      image.hidden = kind !== "image";
      if (kind === "image") image.src = URL.createObjectURL(file);
      return chip;
    });
    list.replaceChildren(...chips);
  }

  #showModels(availability: ChatAvailability | null, model: string | null): void {
    const select = find<HTMLSelectElement>(this.#form, "[data-part=model]");
    const models = availability?.models ?? [];
    const chosen = model ?? availability?.model ?? "";
    const known = models.some(({ id }) => id === chosen) || !chosen ? models : [{ id: chosen, name: chosen }, ...models];
    const ids = known.map(({ id }) => id).join("\n");
    if (select.dataset["models"] !== ids) {
      select.dataset["models"] = ids;
      select.replaceChildren(...known.map(({ id, name }) => new Option(name, id)));
    }
    select.value = chosen;
  }
}

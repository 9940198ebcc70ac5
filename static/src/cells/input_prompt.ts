// What the code of a running cell asks with `input()`, below its outputs. Those who may run the cell answer; the
// others see what it waits for. Its markup is templates/notebook/_input_prompt.html.

import { find, fromTemplate } from "../dom";
import type { InputRequest } from "../protocol/types";

/** The cell around the prompt. */
export interface Asking {
  /** Resolves in any case; a failure is told elsewhere. */
  answer(requestId: string, value: string): Promise<void>;
  /** Put the focus back on the cell. */
  leave(): void;
  /** Whether this person is who expects to be asked, and does nothing else. */
  mayTakeFocus(): boolean;
}

export class InputPrompt {
  #before: HTMLElement;
  #asking: Asking;
  #request: InputRequest | null = null;
  #element: HTMLElement | null = null;

  constructor(before: HTMLElement, asking: Asking) {
    this.#before = before;
    this.#asking = asking;
  }

  show(request: InputRequest | null): void {
    if (request?.id === this.#request?.id) return;
    this.#remove();
    this.#request = request;
    if (request) this.#open(request);
  }

  // Private

  #open({ prompt, is_password }: InputRequest): void {
    const element = (this.#element = fromTemplate("template-input-prompt"));
    find(element, "[data-part=prompt]").textContent = prompt;
    this.#before.after(element);
    const field = this.#field;
    if (!field) return;
    field.type = is_password ? "password" : "text";
    element.addEventListener("submit", (event) => void this.#submit(event));
    element.addEventListener("keydown", (event) => this.#keyPressed(event));
    if (!this.#asking.mayTakeFocus()) return;
    field.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  #remove(): void {
    const hadFocus = this.#element?.contains(document.activeElement) ?? false;
    this.#element?.remove();
    this.#element = null;
    if (hadFocus) this.#asking.leave();
  }

  /** Viewers have none. */
  get #field(): HTMLInputElement | null {
    return this.#element?.querySelector("input") ?? null;
  }

  /** The prompt goes when the event comes back; until then nothing is sent twice. */
  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const [field, request] = [this.#field, this.#request];
    if (!field || !request || field.readOnly) return;
    field.readOnly = true;
    await this.#asking.answer(request.id, field.value);
    field.readOnly = false;
  }

  #keyPressed(event: KeyboardEvent): void {
    if (event.key === "Escape") this.#asking.leave();
  }
}

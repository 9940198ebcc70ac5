// <tandem-draft>: text that was typed and could not be saved, to copy. Its markup is
// templates/notebook/_draft_dialog.html.

import { find } from "../dom";

export interface ShownDraft {
  readonly reason: string;
  readonly text: string;
  readonly saved_at: string;
}

export class DraftDialog extends HTMLElement {
  #discard = (): void => {};

  // Lifecycle

  connectedCallback(): void {
    find(this, "[data-part=copy]").addEventListener("click", () => void this.#copy());
    find(this, "[data-part=discard]").addEventListener("click", () => this.#discard());
  }

  // Actions

  /** `discard` is for somebody who needs it no more; closed otherwise, it will be offered again. */
  show({ reason, text, saved_at }: ShownDraft, discard: () => void): void {
    this.#discard = discard;
    const typedAt = new Date(saved_at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    find(this, "[data-part=reason]").textContent = `${reason} You typed this on ${typedAt}.`;
    find<HTMLTextAreaElement>(this, "[data-part=text]").value = text;
    find(this, "[data-part=copy]").textContent = "Copy";
    find<HTMLDialogElement>(this, "dialog").showModal();
  }

  // Private

  async #copy(): Promise<void> {
    const field = find<HTMLTextAreaElement>(this, "[data-part=text]");
    field.select();
    // Without HTTPS there is no clipboard, but the text is selected.
    await (navigator.clipboard as Clipboard | undefined)?.writeText(field.value);
    if (navigator.clipboard) find(this, "[data-part=copy]").textContent = "Copied";
  }
}

customElements.define("tandem-draft", DraftDialog);

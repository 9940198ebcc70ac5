// <tandem-file-drop>: a form that takes a file by its chooser or by dropping it on the page, and submits at once.

import { find } from "../dom";

export class FileDrop extends HTMLElement {
  #stop = new AbortController();

  // Lifecycle

  connectedCallback(): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#input.addEventListener("change", () => this.#submit(), { signal });
    document.addEventListener("dragover", (event) => this.#dragOver(event), { signal });
    document.addEventListener("dragleave", (event) => this.#dragLeave(event), { signal });
    document.addEventListener("drop", (event) => this.#dropped(event), { signal });
  }

  disconnectedCallback(): void {
    this.#stop.abort();
  }

  // Private

  get #input(): HTMLInputElement {
    return find<HTMLInputElement>(this, "input[type=file]");
  }

  #submit(): void {
    if (this.#input.files?.length) find<HTMLFormElement>(this, "form").requestSubmit();
  }

  #dragOver(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.dataset["drop"] = "over";
  }

  #dragLeave(event: DragEvent): void {
    // Only leaving the window has no element it enters.
    if (event.relatedTarget === null) delete document.body.dataset["drop"];
  }

  #dropped(event: DragEvent): void {
    delete document.body.dataset["drop"];
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.#input.files = event.dataTransfer.files;
    this.#submit();
  }
}

customElements.define("tandem-file-drop", FileDrop);

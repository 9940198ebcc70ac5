// A drawer beside the notebook, which stays in use: not a dialog. Escape and its close button close it, and the focus
// goes back to where it was.

import { find } from "../dom";

export class Drawer extends HTMLElement {
  #opener: HTMLElement | null = null;

  // Lifecycle

  connectedCallback(): void {
    find(this, "[data-part=close]").addEventListener("click", () => this.close());
    this.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.close();
    });
  }

  // Actions

  close(): void {
    if (this.hidden) return;
    this.hidden = true;
    const active = document.activeElement;
    if ((this.contains(active) || active === document.body) && this.#opener?.isConnected) {
      this.#opener.focus({ preventScroll: true });
    }
    this.#opener = null;
  }

  /** The caller puts the focus into it. */
  protected show(): void {
    if (!this.contains(document.activeElement)) this.#opener = document.activeElement as HTMLElement | null;
    this.hidden = false;
  }
}

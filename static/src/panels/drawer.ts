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
    tellOpen(this.localName, false);
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
    tellOpen(this.localName, true);
  }
}

/**
 * The root of the page has the names of those that are open: the notebook makes room. A style with `:has` could see it
 * too, but would look through the whole page for it whenever anything in it changes, at each key.
 */
function tellOpen(name: string, isOpen: boolean): void {
  const root = document.documentElement;
  const names = new Set(root.dataset["drawers"]?.split(" "));
  if (isOpen) names.add(name);
  else names.delete(name);
  if (names.size > 0) root.dataset["drawers"] = [...names].join(" ");
  else delete root.dataset["drawers"];
}

// <tandem-menu popover role="menu">: commands under the button that opens it. The arrow keys go through them; choosing
// one, Escape and a click elsewhere close it.

const STEPS: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowDown: (index, count) => (index + 1) % count,
  ArrowUp: (index, count) => (index - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

export class Menu extends HTMLElement {
  // Lifecycle

  connectedCallback(): void {
    this.onclick = (event) => this.#clicked(event);
    this.onkeydown = (event) => this.#keyPressed(event);
    this.ontoggle = () => this.#toggled();
  }

  // Actions

  /** Below `opener`, which gets the focus back. */
  open(opener: HTMLElement): void {
    this.showPopover({ source: opener });
  }

  // Private

  get #items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("[role^=menuitem]")].filter((item) => !item.hidden);
  }

  #toggled(): void {
    if (this.matches(":popover-open")) this.#items[0]?.focus();
  }

  #clicked(event: MouseEvent): void {
    if ((event.target as Element).closest("[role^=menuitem]")) this.hidePopover();
  }

  #keyPressed(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const items = this.#items;
    const index = items.findIndex((item) => item === document.activeElement);
    items[step(index, items.length)]?.focus();
  }
}

customElements.define("tandem-menu", Menu);

// <tandem-palette>: every command of the page, found by some of its letters (an ARIA combobox with a list box). The
// focus stays in the field; the arrow keys choose, Enter does it. Its markup is templates/notebook/_palette.html.

import { find, fromTemplate } from "../dom";
import { match } from "./fuzzy";
import { IS_MAC } from "./key_listener";
import { allKeys, type Command, isEnabled, type Registry } from "./registry";
import { labelsOf } from "./strokes";

interface Offer {
  readonly command: Command;
  readonly score: number;
  readonly places: readonly number[];
}

const STEPS: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowDown: (index, count) => (index + 1) % count,
  ArrowUp: (index, count) => (index - 1 + count) % count,
  PageDown: (index, count) => Math.min(index + 8, count - 1),
  PageUp: (index) => Math.max(index - 8, 0),
};

// What was done lately comes first while nothing is typed.
const MOST_RECENT = 5;

export class Palette extends HTMLElement {
  #registry: Registry | null = null;
  #recent: string[] = [];
  #offers: readonly Offer[] = [];
  #index = 0;

  // Lifecycle

  start(registry: Registry): void {
    this.#registry = registry;
    this.#field.addEventListener("input", () => this.#offer());
    this.#field.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.#list.addEventListener("click", (event) => this.#clicked(event));
    // The field keeps the focus, whatever is clicked.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
  }

  // Actions

  open(): void {
    if (this.#dialog.open) return;
    this.#field.value = "";
    this.#offer();
    this.#dialog.showModal();
    this.#field.focus();
  }

  // Private

  get #dialog(): HTMLDialogElement {
    return find<HTMLDialogElement>(this, "dialog");
  }

  get #field(): HTMLInputElement {
    return find<HTMLInputElement>(this, "input");
  }

  get #list(): HTMLElement {
    return find(this, "[role=listbox]");
  }

  #offer(): void {
    const letters = this.#field.value;
    this.#offers = offersFor(letters, this.#registry?.commands ?? [], this.#recent);
    this.#list.replaceChildren(...this.#offers.map((offer, index) => rowOf(offer, index)));
    find(this, "[data-part=none]").hidden = this.#offers.length > 0;
    this.#choose(0);
  }

  #choose(index: number): void {
    this.#index = index;
    const rows = [...this.#list.children];
    for (const [place, row] of rows.entries()) row.ariaSelected = String(place === index);
    const row = rows[index];
    if (row) this.#field.setAttribute("aria-activedescendant", row.id);
    else this.#field.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  #keyPressed(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (step && this.#offers.length > 0) {
      event.preventDefault();
      this.#choose(step(this.#index, this.#offers.length));
    }
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.#do(this.#offers[this.#index]?.command);
    }
  }

  #clicked(event: MouseEvent): void {
    const row = (event.target as Element).closest("[role=option]");
    if (row) this.#do(this.#offers[[...this.#list.children].indexOf(row)]?.command);
  }

  /** The dialog is closed first: it gives the focus back to where it was, which is what the command is about. */
  #do(command: Command | undefined): void {
    if (!command) return;
    this.#dialog.close();
    this.#recent = [command.id, ...this.#recent.filter((id) => id !== command.id)].slice(0, MOST_RECENT);
    this.#registry?.run(command.id);
  }
}

/** What fits the letters and can be done now, the best first. */
function offersFor(letters: string, commands: readonly Command[], recent: readonly string[]): Offer[] {
  const offers = commands
    .filter((command) => !command.isUnlisted && isEnabled(command))
    .flatMap((command) => offerOf(command, letters) ?? []);
  if (letters.trim()) return offers.sort((a, b) => b.score - a.score);
  const rank = ({ command }: Offer): number => (recent.includes(command.id) ? recent.indexOf(command.id) : recent.length);
  return offers.sort((a, b) => rank(a) - rank(b));
}

/** The name of the section is found too, but counts less. */
function offerOf(command: Command, letters: string): Offer | null {
  const inTitle = match(letters, command.title);
  if (inTitle) return { command, ...inTitle };
  const inBoth = match(letters, `${command.section} ${command.title}`);
  return inBoth && { command, score: inBoth.score / 2, places: [] };
}

function rowOf({ command, places }: Offer, index: number): HTMLElement {
  const row = fromTemplate("template-palette-row");
  row.id = `palette-${index}`;
  row.dataset["id"] = command.id;
  find(row, "[data-part=section]").textContent = command.section;
  find(row, "[data-part=title]").append(...marked(command.title, places));
  const keys = allKeys(command)[0];
  if (keys) find(row, "[data-part=keys]").append(...keyCaps(keys));
  return row;
}

function marked(title: string, places: readonly number[]): Node[] {
  return [...title].map((letter, place) => {
    if (!places.includes(place)) return document.createTextNode(letter);
    const mark = document.createElement("mark");
    mark.textContent = letter;
    return mark;
  });
}

/** The keys of a binding, each drawn as one. */
export function keyCaps(keys: string): HTMLElement[] {
  return labelsOf(keys, IS_MAC).flatMap((stroke) =>
    stroke.map((label) => {
      const cap = document.createElement("kbd");
      cap.textContent = label;
      return cap;
    }),
  );
}

customElements.define("tandem-palette", Palette);

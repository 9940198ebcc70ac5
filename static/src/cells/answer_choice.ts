// How long the answer of an SQL cell's database is good enough for another run, and the button that asks it all the same.
// Only for databases elsewhere: a file is asked each time.

import { find } from "../dom";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const OFFERED = [0, MINUTE, 10 * MINUTE, HOUR, DAY];
const FILES = ["sqlite", "duckdb"];

export class AnswerChoice {
  #element: HTMLElement;
  #select: HTMLSelectElement;
  #seconds = 0;

  constructor(element: HTMLElement, keep: (seconds: number) => void) {
    this.#element = element;
    this.#select = find<HTMLSelectElement>(element, "[data-part=cache]");
    this.#select.append(...OFFERED.map(option));
    this.#select.onchange = () => {
      const chosen = Number(this.#select.value);
      // The server's answer shows the new one.
      this.#showChosen();
      if (chosen !== this.#seconds) keep(chosen);
    };
  }

  show(seconds: number): void {
    this.#seconds = seconds;
    this.#showChosen();
  }

  /** What the cell asks; `kind` as far as it is known. */
  showFor(connectionId: string | null, kind: string | null): void {
    this.#element.hidden = connectionId === null || FILES.includes(kind ?? "");
  }

  // Private

  /** Programs may have set a time that is not offered. */
  #showChosen(): void {
    const value = String(this.#seconds);
    if (![...this.#select.options].some((each) => each.value === value)) this.#select.append(option(this.#seconds));
    this.#select.value = value;
    const refresh = this.#element.querySelector<HTMLElement>("[data-action=refresh]");
    if (refresh) refresh.hidden = this.#seconds === 0;
  }
}

function option(seconds: number): HTMLOptionElement {
  return new Option(seconds === 0 ? "Ask each time" : `Keep ${inWords(seconds)}`, String(seconds));
}

function inWords(seconds: number): string {
  const [unit, name] = ([[DAY, "day"], [HOUR, "h"], [MINUTE, "min"]] as const).find(([each]) => seconds % each === 0) ?? [1, "s"];
  return `${seconds / unit} ${name}`;
}

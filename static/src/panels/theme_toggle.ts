// <tandem-theme>: a button that goes from the system's colours to light, to dark and back.

import { find } from "../dom";
import { chooseTheme, nextTheme, storedTheme, type Theme } from "../theme_choice";

const LABELS: Readonly<Record<Theme, string>> = {
  system: "Colours: as the system has them",
  light: "Colours: light",
  dark: "Colours: dark",
};

export class ThemeToggle extends HTMLElement {
  connectedCallback(): void {
    find(this, "button").addEventListener("click", () => {
      chooseTheme(nextTheme());
      this.#show();
    });
    this.#show();
  }

  // Private

  #show(): void {
    const theme = storedTheme();
    this.dataset["theme"] = theme;
    const button = find(this, "button");
    button.title = LABELS[theme];
    button.setAttribute("aria-label", LABELS[theme]);
  }
}

customElements.define("tandem-theme", ThemeToggle);

// A person as a small disc with initials.

import { fromTemplate } from "../dom";
import { colourOf, initialsOf } from "./appearance";

/** From `template-<name>`; `description` is for whoever hovers over it or cannot see it. */
export function avatar(name: string, label: string, description: string): HTMLElement {
  const element = fromTemplate(`template-${name}`);
  const disc = element.matches(".avatar") ? element : element.querySelector<HTMLElement>(".avatar");
  if (!disc) throw new Error(`The template of ${name} has no avatar.`);
  disc.classList.add(`person-${colourOf(label)}`);
  // Drawn by the style: what can be read aloud or said to it is the description alone.
  disc.dataset["initials"] = initialsOf(label);
  disc.title = description;
  disc.setAttribute("aria-label", description);
  return element;
}

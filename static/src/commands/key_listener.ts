// Listens to the keys of the page and runs the commands that they mean. It hears them before the editors do, takes
// only what a command has, and leaves everything else as it is.

import { isEnabled, type Place, type Registry } from "./registry";
import { preferences } from "../preferences";
import { strokesOf } from "./strokes";

export const IS_MAC = typeof navigator !== "undefined" && /^(Mac|iP)/.test(navigator.platform);

export class KeyListener {
  #registry: Registry;
  /** The first of two strokes, where a command has two. */
  #begun = "";

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  start(): void {
    document.addEventListener("keydown", (event) => this.#pressed(event), { capture: true });
    document.addEventListener("focusin", () => (this.#begun = ""));
  }

  // Private

  #pressed(event: KeyboardEvent): void {
    const strokes = strokesOf(event, IS_MAC);
    // With AltGr, which is Ctrl and Alt to some systems, people type signs.
    if (strokes.length === 0 || event.isComposing || event.getModifierState("AltGraph")) return;
    const place = placeOf(event.target);
    if (place === "text" && isOfKeyMap(event)) return;
    const [begun, stroke] = [this.#begun, strokes[0] ?? ""];
    this.#begun = "";
    const wanted = begun ? [`${begun} ${stroke}`, ...strokes] : strokes;
    const command = this.#registry.find(wanted, place);
    if (command) {
      if (!isEnabled(command)) return;
      event.preventDefault();
      event.stopPropagation();
      command.run();
    } else if (this.#registry.begins(stroke, place)) {
      event.preventDefault();
      this.#begun = stroke;
    }
  }
}

/** Vim and Emacs have a meaning of their own for Ctrl or Alt and a letter: in a text theirs counts. */
function isOfKeyMap({ key, ctrlKey, altKey, shiftKey, metaKey }: KeyboardEvent): boolean {
  if (preferences().key_map === "jupyter") return false;
  return ctrlKey !== altKey && !metaKey && !shiftKey && /^[a-z]$/i.test(key);
}

export function placeOf(target: EventTarget | null): Place {
  if (!(target instanceof Element)) return "page";
  if (target.closest("dialog, [popover]")) return "dialog";
  if (target.localName === "tandem-cell") return "cell";
  if (target.closest("tandem-cell .cell-editor :is(.cm-content, .sheet-grid, .sheet-entry)")) return "text";
  if (target.closest("input, textarea, select, [contenteditable=true], .cm-editor")) return "field";
  return "page";
}

// Cells that were copied, for all tabs of this browser: with the browser's own clipboard where it lets us, and in
// local storage in any case, so that `v` works in another notebook without being asked for permission.

import { cellsIn, type CopiedCell, textOf } from "./copied_cells";

const KEY = "tandem-copied-cells";
const MAX_STORED_CHARS = 2_000_000;

export class CellClipboard {
  /** What did not fit elsewhere. */
  #own: readonly CopiedCell[] = [];

  /** Also as text, for other programs and other servers. */
  copy(cells: readonly CopiedCell[]): void {
    const text = this.keep(cells);
    // Only pages that came over HTTPS or from this computer may.
    navigator.clipboard?.writeText(text).catch(() => {});
  }

  /** For pasting with `v` alone; the text for the clipboard. */
  keep(cells: readonly CopiedCell[]): string {
    this.#own = cells;
    const text = textOf(cells);
    try {
      if (text.length <= MAX_STORED_CHARS) localStorage.setItem(KEY, text);
      else localStorage.removeItem(KEY);
    } catch {
      // Storage can be forbidden or full; then they can be pasted in this tab.
    }
    return text;
  }

  get cells(): readonly CopiedCell[] {
    return this.#stored ?? this.#own;
  }

  // Private

  get #stored(): CopiedCell[] | null {
    try {
      return cellsIn(localStorage.getItem(KEY) ?? "");
    } catch {
      return null;
    }
  }
}

// The line at a cell in which somebody says what should change in it. There is one at most.

import type { CellElement } from "../cells/cell";
import { find, fromTemplate } from "../dom";

let open: HTMLElement | null = null;

/** `give` gets what was said. Escape closes it; the focus then goes back to where it was. */
export function openInstruction(cell: CellElement, give: (instruction: string) => void): void {
  open?.remove();
  const opener = document.activeElement as HTMLElement | null;
  const form = fromTemplate("template-instruction") as HTMLFormElement;
  open = form;
  const field = find<HTMLInputElement>(form, "input");
  const close = (): void => {
    form.remove();
    if (opener?.isConnected) opener.focus({ preventScroll: true });
    else cell.select();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const instruction = field.value.trim();
    if (instruction === "") return field.focus();
    close();
    give(instruction);
  });
  form.addEventListener("keydown", (event) => {
    // The cell has keys of its own.
    event.stopPropagation();
    if (event.key === "Escape") close();
  });
  find(form, "[data-part=close]").addEventListener("click", close);
  find(cell, ".cell-foot").before(form);
  field.focus();
}

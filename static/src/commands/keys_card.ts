// The card of all keys, in the dialog #keys-dialog: what there is is what the commands say.

import { find, fromTemplate } from "../dom";
import { keyCaps } from "./palette";
import { allKeys, type Command, type Registry, SECTIONS } from "./registry";

/** Fill the dialog, once; the commands stay the same. */
export function openKeysCard(registry: Registry): void {
  const dialog = document.getElementById("keys-dialog");
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  const card = find(dialog, "[data-part=sections]");
  if (card.childElementCount === 0) card.append(...SECTIONS.flatMap((section) => sectionOf(section, registry) ?? []));
  dialog.showModal();
}

function sectionOf(section: string, registry: Registry): HTMLElement | null {
  const commands = registry.commands.filter((each) => each.section === section && allKeys(each).length > 0);
  if (commands.length === 0) return null;
  const element = fromTemplate("template-keys-section");
  find(element, "[data-part=name]").textContent = section;
  find(element, "dl").append(...commands.map((command) => rowOf(command)));
  return element;
}

function rowOf(command: Command): HTMLElement {
  const row = fromTemplate("template-keys-row");
  const keys = find(row, "dt");
  for (const [index, each] of allKeys(command).entries()) keys.append(...(index > 0 ? [" or "] : []), ...keyCaps(each));
  find(row, "dd").textContent = command.title;
  return row;
}

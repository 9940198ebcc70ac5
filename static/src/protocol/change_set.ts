// Change sets in their wire form applied to strings, for the texts that no editor is open on. Pure.

import type { ChangeSetJson } from "./types";

export class ChangeSetError extends Error {}

/** `text` after `changes`; throws if they were made for a text of another length. */
export function applyChanges(text: string, changes: ChangeSetJson): string {
  const pieces: string[] = [];
  let position = 0;
  for (const section of changes) {
    if (typeof section === "number") {
      pieces.push(text.slice(position, position + section));
      position += section;
    } else {
      const [removed, ...lines] = section;
      pieces.push(lines.join("\n"));
      position += removed;
    }
  }
  if (position !== text.length) {
    throw new ChangeSetError(`The change set is for ${position} UTF-16 units, the text has ${text.length}.`);
  }
  return pieces.join("");
}

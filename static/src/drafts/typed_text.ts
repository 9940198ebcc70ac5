// What somebody typed, as text to copy where it cannot be put back.

import { applyChanges } from "../protocol/change_set";
import type { ChangeSetJson } from "../protocol/types";

/** The whole text if the one it was typed into (null: nobody knows) fits, else only what was typed. */
export function typedText(source: string | null, updates: readonly ChangeSetJson[]): string {
  if (source === null) return insertedText(updates);
  try {
    return updates.reduce(applyChanges, source);
  } catch {
    return insertedText(updates);
  }
}

function insertedText(updates: readonly ChangeSetJson[]): string {
  const inserted = updates.flat().flatMap((section) => (Array.isArray(section) ? [section.slice(1).join("\n")] : []));
  return inserted.filter((text) => text !== "").join("\n");
}

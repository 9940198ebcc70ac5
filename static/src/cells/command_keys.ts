// The keys of a selected cell. Pure.

import type { CellAction } from "./actions";

type Key = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

/** What the key means, `edit` for going into the text; null if nothing. `before` is the key pressed before it. */
export function commandFor(key: Key, before: string): CellAction | "edit" | null {
  if (key.key === "Enter") return enter(key);
  if (key.key === "i" && (key.ctrlKey || key.metaKey) && !key.altKey && !key.shiftKey) return { type: "instruct" };
  if (key.ctrlKey || key.metaKey || key.altKey) return null;
  if (key.shiftKey) return key.key === "M" ? { type: "merge" } : null;
  switch (key.key) {
    case "a":
      return { type: "insert", where: "above", kind: "python" };
    case "b":
      return { type: "insert", where: "below", kind: "python" };
    case "d":
      return before === "d" ? { type: "delete" } : null;
    case "m":
      return { type: "configure", kind: "markdown" };
    case "y":
      return { type: "configure", kind: "python" };
    case "z":
      return { type: "undo_delete" };
    case "h":
      return { type: "history" };
    case "k":
    case "ArrowUp":
      return { type: "leave", direction: "up", to: "cell" };
    case "j":
    case "ArrowDown":
      return { type: "leave", direction: "down", to: "cell" };
    default:
      return null;
  }
}

function enter(key: Key): CellAction | "edit" {
  if (key.shiftKey) return { type: "run", then: "next" };
  if (key.ctrlKey || key.metaKey) return { type: "run", then: "stay" };
  if (key.altKey) return { type: "run", then: "insert" };
  return "edit";
}

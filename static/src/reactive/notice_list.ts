// The notices of a cell in its page, under its text. Its markup is templates/notebook/_reactive_parts.html.

import { cellLink } from "../cells/cell_link";
import type { Numbers } from "../cells/numbers";
import { find, fromTemplate } from "../dom";
import type { Notice, Piece } from "./notices";

/** In `list`, in place of those there; the same again stay as they are, with the focus that may be on them. */
export function showNotices(list: HTMLElement, notices: readonly Notice[], numbers: Numbers): void {
  const items = notices.map((notice) => item(notice, numbers));
  const shown = [...list.children];
  const isSame = items.length === shown.length && items.every((each, index) => shown[index]?.isEqualNode(each));
  if (!isSame) list.replaceChildren(...items);
}

/** Words and links as children of `element`. */
export function write(element: HTMLElement, pieces: readonly Piece[], numbers: Numbers): void {
  element.replaceChildren(
    ...pieces.map((piece) => (typeof piece === "string" ? piece : cellLink(piece.cell_id, numbers))),
  );
}

function item({ tone, headline, reason, canBeEnabled }: Notice, numbers: Numbers): HTMLElement {
  const element = fromTemplate("template-notice");
  element.dataset["tone"] = tone;
  write(find(element, "[data-part=headline]"), headline, numbers);
  const why = find(element, "[data-part=reason]");
  why.hidden = reason.length === 0;
  write(why, reason.length === 0 ? [] : [": ", ...reason], numbers);
  if (!canBeEnabled) element.querySelector("[data-action=enable]")?.remove();
  return element;
}

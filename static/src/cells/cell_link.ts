// "cell 3", to go there. The page listens for clicks on `[data-go-to]`.

import { fromTemplate } from "../dom";
import { nameOf, type Numbers } from "./numbers";

/** Words if the cell is gone. */
export function cellLink(cellId: string, numbers: Numbers): HTMLElement | string {
  const name = nameOf(cellId, numbers);
  if (!numbers.has(cellId)) return name;
  const link = fromTemplate("template-cell-link") as HTMLAnchorElement;
  link.href = `#cell-${cellId}`;
  link.dataset["goTo"] = cellId;
  link.textContent = name;
  return link;
}

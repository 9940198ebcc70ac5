// What is in one variable: a table or a text, below its row. The texts are the kernel's.

import { find } from "../dom";
import type { VariableDetails } from "../protocol/types";
import { restOf } from "./arrangement";

export function showDetails(element: HTMLElement, details: VariableDetails): void {
  const table = find<HTMLTableElement>(element, "table");
  table.hidden = details.rows.length === 0;
  find(table, "thead tr").replaceChildren(...details.columns.map((text) => filled("th", text)));
  find(table, "tbody").replaceChildren(...details.rows.map(rowOf));
  const text = find(element, "[data-part=text]");
  text.hidden = details.text === "";
  text.textContent = details.text;
  find(element, "[data-part=rest]").textContent = restOf(details);
}

function rowOf(texts: readonly string[]): HTMLElement {
  const row = document.createElement("tr");
  row.replaceChildren(...texts.map((text) => filled("td", text)));
  return row;
}

function filled(name: "th" | "td", text: string): HTMLElement {
  const cell = document.createElement(name);
  cell.textContent = text;
  return cell;
}

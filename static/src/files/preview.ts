// What a file holds, shown below its row.

import { find } from "../dom";
import { formatSize } from "../variables/arrangement";
import type { FilePreview } from "./requests";

export function showPreview(details: HTMLElement, preview: FilePreview, imageUrl: string): void {
  find(details, "[data-part=file-note]").textContent = noteOf(preview);
  const table = find(details, "[data-part=table]");
  table.hidden = preview.kind !== "table";
  find(table, "thead tr").replaceChildren(...preview.columns.map((name) => cellOf("th", name)));
  find(table, "tbody").replaceChildren(
    ...preview.rows.map((values) => {
      const row = document.createElement("tr");
      row.append(...values.map((value) => cellOf("td", value)));
      return row;
    }),
  );
  const text = find(details, "[data-part=text]");
  text.hidden = preview.kind !== "text" || preview.text === "";
  text.textContent = preview.text;
  const image = find<HTMLImageElement>(details, "[data-part=image]");
  image.hidden = preview.kind !== "image";
  if (preview.kind === "image") image.src = imageUrl;
  else image.removeAttribute("src");
}

export function noteOf({ kind, columns, rows, row_count, is_whole, text, size_bytes }: FilePreview): string {
  switch (kind) {
    case "table": {
      const count = row_count === null ? "" : `${row_count.toLocaleString("en")} rows × `;
      const first = is_whole ? "" : `. These are the first ${rows.length.toLocaleString("en")} rows.`;
      return `${count}${columns.length.toLocaleString("en")} columns${first}`;
    }
    case "text":
      if (text === "") return "The file is empty.";
      return is_whole ? "" : "This is the beginning of the file.";
    case "binary":
      return `It is no text: ${formatSize(size_bytes)}. Download it, or read it with code in a cell.`;
    case "image":
      return "";
  }
}

function cellOf(name: "th" | "td", text: string): HTMLElement {
  const cell = document.createElement(name);
  cell.textContent = text;
  return cell;
}

// A list on the page that follows a list of data. A row stays the same element for as long as its item is there, so
// that what is open stays open.

export interface RowsOf<T> {
  key(item: T): string;
  make(): HTMLElement;
  /** The row is in the page, new or again. */
  fill(row: HTMLElement, item: T): void;
}

export function showRows<T>(list: HTMLElement, items: readonly T[], { key, make, fill }: RowsOf<T>): void {
  const rows = new Map([...list.children].map((row) => [(row as HTMLElement).dataset["key"], row as HTMLElement]));
  const keys = new Set(items.map(key));
  for (const [each, row] of rows) if (!keys.has(each ?? "")) row.remove();
  let next = list.firstElementChild;
  for (const item of items) {
    const row = rows.get(key(item)) ?? make();
    row.dataset["key"] = key(item);
    if (row === next) next = next.nextElementSibling;
    else list.insertBefore(row, next);
    fill(row, item);
  }
}

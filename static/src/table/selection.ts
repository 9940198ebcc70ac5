// The cell that keys act on, and the rectangle that is selected with it. Pure.

/** Row -1 is the head. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Extent {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly pageRows: number;
}

export interface Rectangle {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export const HEAD = -1;

/** Where a key leads from the place; null if it leads nowhere. */
export function moved({ row, column }: Place, { key, ctrlKey, metaKey }: KeyPress, extent: Extent): Place | null {
  const isFar = ctrlKey || metaKey;
  const last = extent.rowCount - 1;
  switch (key) {
    case "ArrowUp":
      return within({ row: isFar ? Math.min(0, row) : row - 1, column }, extent);
    case "ArrowDown":
      return within({ row: isFar ? last : row + 1, column }, extent);
    case "ArrowLeft":
      return within({ row, column: isFar ? 0 : column - 1 }, extent);
    case "ArrowRight":
      return within({ row, column: isFar ? extent.columnCount - 1 : column + 1 }, extent);
    case "PageUp":
      return within({ row: Math.max(Math.min(row, 0), row - extent.pageRows), column }, extent);
    case "PageDown":
      return within({ row: row + extent.pageRows, column }, extent);
    case "Home":
      return within({ row: isFar ? 0 : row, column: 0 }, extent);
    case "End":
      return within({ row: isFar ? last : row, column: extent.columnCount - 1 }, extent);
    default:
      return null;
  }
}

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

export function rectangle(anchor: Place, active: Place): Rectangle {
  const rows = [Math.max(0, anchor.row), Math.max(0, active.row)];
  const columns = [anchor.column, active.column];
  return { top: Math.min(...rows), bottom: Math.max(...rows), left: Math.min(...columns), right: Math.max(...columns) };
}

export function isIn({ row, column }: Place, { top, bottom, left, right }: Rectangle): boolean {
  return row >= top && row <= bottom && column >= left && column <= right;
}

export function within({ row, column }: Place, { rowCount, columnCount }: Omit<Extent, "pageRows">): Place {
  return {
    row: Math.min(Math.max(HEAD, row), rowCount - 1),
    column: Math.min(Math.max(0, column), columnCount - 1),
  };
}

// Where a place of a sheet is after the text has changed. Pure.

import { type ChangeDesc, MapMode, type Text } from "@codemirror/state";
import type { Place } from "../table/selection";
import { fieldsOf, rowCountOf, rowFields } from "./sheet_text";

/** The same value's place; that of its neighbour if it is gone. Below the last row it stays as far below. */
export function followed(place: Place, before: Text, after: Text, changes: ChangeDesc): Place {
  const [rows, now] = [rowCountOf(before), rowCountOf(after)];
  if (place.row >= rows) return { ...place, row: place.row - rows + now };
  const fields = rowFields(before, place.row);
  const field = fields[Math.min(place.column, fields.length - 1)];
  const at = field ? changes.mapPos(field.from, 1, MapMode.TrackDel) : null;
  if (at === null) return { row: Math.min(place.row, now), column: place.column };
  const line = after.lineAt(at);
  const found = fieldsOf(line.text).findIndex(({ to }) => line.from + to >= at);
  return { row: line.number - 2, column: Math.max(0, found) + Math.max(0, place.column - (fields.length - 1)) };
}

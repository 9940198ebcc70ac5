// How much of a cell is shown, as Jupyter keeps it in the cell's metadata (apps/notebooks/cell_display.py says the same).
// Pure.

import type { Cell, CellSettings, MimeBundle } from "../protocol/types";

export type Display = Required<Pick<CellSettings, "is_source_hidden" | "are_outputs_hidden" | "is_scrolled">>;

export function displayOf(metadata: MimeBundle): Display {
  const jupyter = (typeof metadata["jupyter"] === "object" ? metadata["jupyter"] : null) as MimeBundle | null;
  return {
    is_source_hidden: jupyter?.["source_hidden"] === true,
    are_outputs_hidden: jupyter?.["outputs_hidden"] === true || metadata["collapsed"] === true,
    is_scrolled: metadata["scrolled"] === true,
  };
}

/** All that can be set of a cell, as it is. */
export function settingsOf({ kind, is_disabled, result_name, cache_seconds, metadata }: Cell): Required<CellSettings> {
  return { kind, is_disabled, result_name, cache_seconds, ...displayOf(metadata) };
}

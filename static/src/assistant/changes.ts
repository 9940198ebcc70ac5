// "What changed": what a turn did, cell by cell, and what became of it when it was undone.

import { cellLink } from "../cells/cell_link";
import { nameOf } from "../cells/numbers";
import { find, fromTemplate } from "../dom";
import type { Comparison } from "../history/comparison";
import "../history/comparison";
import { exactTime } from "../history/times";
import type { ChangedCell, RanCells, TurnChanges, UndoneChange } from "../protocol/chat";
import type { CellKind } from "../protocol/types";
import type { AssistantServices } from "./services";
import { changeWords, endedWords, outcomeWords, runWords, undoneLine } from "./changes_wording";

const NOTHING = "Nothing in the notebook was changed by this turn.";

export function showChanges(view: HTMLElement, { cells, runs, undo }: TurnChanges, services: AssistantServices): void {
  const undone = undo ? undoneLine(undo.undone_by, exactTime(new Date(undo.undone_at)), undo.cells) : "";
  find(view, "[data-part=changes-note]").textContent = undone || (cells.length === 0 ? NOTHING : "");
  find(view, "[data-part=runs]").replaceChildren(...runs.map((run) => runRow(run, services)));
  const button = view.querySelector<HTMLElement>("[data-chat=undo]");
  if (button) button.hidden = undo !== null || cells.length === 0;
  const inexact = (undo?.cells ?? []).filter(({ outcome }) => outcome !== "undone" && outcome !== "nothing");
  const rows = [...inexact.map((each) => inexactRow(each, cells, services)), ...cells.map((each) => changeRow(each, services))];
  find(view, "[data-part=changed-cells]").replaceChildren(...rows.map(({ row }) => row));
  // A comparison shows itself once it is in the page.
  for (const { fill } of rows) fill();
}

export function showChangesNote(view: HTMLElement, note: string): void {
  find(view, "[data-part=changes-note]").textContent = note;
  find(view, "[data-part=runs]").replaceChildren();
  find(view, "[data-part=changed-cells]").replaceChildren();
  const button = view.querySelector<HTMLElement>("[data-chat=undo]");
  if (button) button.hidden = true;
}

/** "Ran cell 1, cell 2 (error)". */
function runRow({ status, cells }: RanCells, services: AssistantServices): HTMLElement {
  const row = fromTemplate("template-changed-run");
  const numbers = services.numbers();
  const parts = cells.flatMap(({ cell_id, status: ended }, index) => {
    return [index === 0 ? "Ran " : ", ", cellLink(cell_id, numbers), endedWords(ended)];
  });
  row.append(...(parts.length === 0 ? ["Had nothing to run"] : parts), runWords(status));
  return row;
}

interface Row {
  readonly row: HTMLElement;
  fill(): void;
}

function changeRow({ cell_id, kind, changes, before, after }: ChangedCell, services: AssistantServices): Row {
  const labels = { beforeLabel: "Before", afterLabel: "After the turn" };
  return comparedRow(cell_id, changeWords(changes), { before, after, kind, ...labels }, services);
}

/** What could not be taken back exactly: both texts, for somebody to decide. */
function inexactRow(undone: UndoneChange, cells: readonly ChangedCell[], services: AssistantServices): Row {
  const { cell_id, outcome, before, now } = undone;
  const kind = cells.find((each) => each.cell_id === cell_id)?.kind ?? "python";
  const labels = { beforeLabel: "As it was before the turn", afterLabel: "As it is now" };
  const made = comparedRow(cell_id, outcomeWords(outcome), { before, after: now, kind, ...labels }, services);
  made.row.dataset["outcome"] = outcome;
  return made;
}

interface Texts {
  readonly before: string | null;
  readonly after: string | null;
  readonly kind: CellKind;
  readonly beforeLabel: string;
  readonly afterLabel: string;
}

function comparedRow(cellId: string, words: string, { before, after, kind, ...labels }: Texts, services: AssistantServices): Row {
  const row = fromTemplate("template-changed-cell");
  const numbers = services.numbers();
  const name = numbers.has(cellId) ? cellLink(cellId, numbers) : nameOf(cellId, numbers);
  find(row, "[data-part=cell]").replaceChildren(name);
  find(row, "[data-part=what]").textContent = words;
  const comparison = find<Comparison>(row, "tandem-comparison");
  const isSame = before === after;
  comparison.hidden = isSame;
  const texts = { before: before ?? "", after: after ?? "", language: services.languageOf(kind), ...labels };
  return { row, fill: () => isSame || comparison.show(texts) };
}

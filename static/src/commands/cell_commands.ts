// What can be done with the cells that are selected, by name and by key, as people know it from Jupyter.

import type { CellAction } from "../cells/actions";
import type { CellElement } from "../cells/cell";
import type { CellList } from "../cells/cell_list";
import type { CellChanges } from "../cells/changes";
import { isRunnable } from "../cells/kinds";
import { kindName } from "../cells/wording";
import type { SelectedCells } from "../cells/selected_cells";
import type { CellSelection } from "../cells/selection";
import type { Fold } from "../editor/editor";
import type { CellKind } from "../protocol/types";
import type { Command } from "./registry";

export interface CellParts {
  readonly cells: CellList;
  readonly selection: CellSelection;
  readonly selected: SelectedCells;
  readonly changes: CellChanges;
}

/** What people add to a notebook. */
export const INSERTABLE: readonly CellKind[] = ["python", "markdown", "sql", "sheet", "javascript"];

type Needs = "cell" | "code" | "python" | "sql" | "failed" | "nothing";
type Written = Omit<Command, "isEnabled"> & { readonly needs?: Needs };

export function cellCommandsOf(parts: CellParts): Command[] {
  const { selection } = parts;
  const isEnabled = {
    nothing: () => true,
    cell: () => selection.active !== undefined,
    code: () => isCode(selection.active),
    python: () => selection.active?.cell.kind === "python",
    sql: () => Boolean(selection.active?.cell.connection_id),
    failed: () => selection.active?.cell.status === "error",
  };
  const written = [...runCommands(parts), ...insertCommands(parts), ...editCommands(parts), ...textCommands(parts), ...selectCommands(parts)];
  return written.map(({ needs = "cell", ...command }) => ({ ...command, isEnabled: isEnabled[needs] }));
}

function isCode(element: CellElement | undefined): boolean {
  return element !== undefined && isRunnable(element.cell.kind);
}

function actor({ selection }: CellParts): (action: CellAction) => () => void {
  return (action) => () => selection.active?.act(action);
}

function runCommands(parts: CellParts): Written[] {
  const { selected, selection } = parts;
  const act = actor(parts);
  const [section, edits] = ["Run", true] as const;
  const run = (id: string, title: string, key: string, then: "stay" | "next" | "insert"): Written => {
    const keys = then === "stay" ? [key, "Ctrl+Enter"] : [key];
    return { id, title, section, keys, textKeys: keys, edits: true, run: () => selected.run(then) };
  };
  return [
    run("run-next", "Run and go to the next cell", "Shift+Enter", "next"),
    run("run-stay", "Run and stay", "Mod+Enter", "stay"),
    run("run-insert", "Run and insert a cell below", "Alt+Enter", "insert"),
    { id: "run-above", title: "Run all cells above", section, edits: true, run: act({ type: "run_around", scope: "above" }) },
    {
      ...{ id: "plan-cell", title: "What will run with this cell?", section, edits, needs: "code" },
      run: () => selection.active?.act({ type: "plan", opener: selection.active }),
    },
    {
      ...{ id: "refresh", title: "Run the cell, and ask the database again", section, edits, needs: "sql" },
      run: act({ type: "run", then: "stay", isRefresh: true }),
    },
    { id: "run-below", title: "Run this cell and all below", section, edits: true, run: act({ type: "run_around", scope: "below" }) },
  ];
}

function insertCommands(parts: CellParts): Written[] {
  const { selected } = parts;
  const act = actor(parts);
  const insert = (where: "above" | "below", key: string) => (kind: CellKind): Written => ({
    id: `insert-${where}-${kind}`,
    title: `Insert a ${kindName(kind)} cell ${where}`,
    section: "Insert",
    ...{ keys: kind === "python" ? [key] : [], edits: true },
    run: act({ type: "insert", where, kind }),
  });
  return [
    ...INSERTABLE.map(insert("above", "a")),
    ...INSERTABLE.map(insert("below", "b")),
    { id: "paste-below", title: "Paste cells below", section: "Insert", keys: ["v"], edits: true, needs: "nothing", run: () => selected.paste("below") },
    { id: "paste-above", title: "Paste cells above", section: "Insert", keys: ["Shift+v"], edits: true, run: () => selected.paste("above") },
  ];
}

function editCommands(parts: CellParts): Written[] {
  const { selected, selection, changes } = parts;
  const act = actor(parts);
  const [section, edits] = ["Cell", true] as const;
  const convert = (kind: CellKind, name: string, keys: readonly string[] = []): Written => {
    return { id: `make-${kind}`, title: `Make it ${name}`, section, keys, edits, run: () => selected.convert(kind) };
  };
  return [
    { id: "edit", title: "Edit the text", section, keys: ["Enter"], isUnlisted: true, run: () => selection.active?.edit() },
    { id: "cut", title: "Cut the cells", section, keys: ["x"], edits, run: () => selected.cut() },
    { id: "copy", title: "Copy the cells", section, keys: ["c"], run: () => selected.copy() },
    { id: "delete", title: "Delete the cells", section, keys: ["d d"], edits, run: () => selected.delete() },
    { id: "undo", title: "Undo the last change to cells", section, pageKeys: ["z"], edits, needs: "nothing", run: () => void changes.undoLast() },
    { id: "redo", title: "Redo the last change to cells", section, pageKeys: ["Shift+z"], edits, needs: "nothing", run: () => void changes.redoLast() },
    { id: "move-up", title: "Move up", section, keys: ["Alt+Shift+ArrowUp", "Mod+Shift+ArrowUp"], edits, run: () => selected.move("up") },
    { id: "move-down", title: "Move down", section, keys: ["Alt+Shift+ArrowDown", "Mod+Shift+ArrowDown"], edits, run: () => selected.move("down") },
    { id: "split", title: "Split at the cursor", section, textKeys: ["Mod+Shift+-"], edits, run: act({ type: "split" }) },
    { id: "merge", title: "Merge with the cell below, or the selected ones", section, keys: ["Shift+m"], edits, run: () => selected.merge() },
    convert("markdown", "Markdown", ["m"]),
    convert("python", "Python", ["y"]),
    convert("sql", "SQL"),
    convert("javascript", "JavaScript"),
    convert("sheet", "a sheet"),
    convert("raw", "raw text", ["r"]),
    { id: "disable", title: "Disable: never run it", section, edits, needs: "code", run: () => selected.configure({ is_disabled: true }) },
    { id: "enable", title: "Enable: run it again", section, edits, needs: "code", run: () => selected.configure({ is_disabled: false }) },
    { id: "format", title: "Format the code", section, keys: ["Alt+Shift+f"], textKeys: ["Alt+Shift+f"], edits, needs: "python", run: () => selected.format() },
    { id: "fold-source", title: "Hide or show the text", section, edits, run: () => selected.toggle("is_source_hidden") },
    { id: "fold-outputs", title: "Hide or show the outputs", section, keys: ["o"], edits, run: () => selected.toggle("are_outputs_hidden") },
    { id: "scroll-outputs", title: "Scroll long outputs in a box, or show all", section, keys: ["Shift+o"], edits, run: () => selected.toggle("is_scrolled") },
    { id: "clear-outputs", title: "Clear the outputs", section, edits, run: () => selected.clearOutputs() },
    { id: "line-numbers", title: "Number the lines of the cell, or not", section, keys: ["l"], run: () => selected.toggleLineNumbers() },
    {
      ...{ id: "define", title: "Go to where the name is from", section: "Find", textKeys: ["F12"] },
      run: () => act({ type: "define", name: selection.active?.wordAt() ?? "" })(),
    },
    { id: "copy-link", title: "Copy a link to the cell", section, run: () => selected.copyLink() },
    { id: "cell-history", title: "History of the cell", section, keys: ["h"], run: act({ type: "history" }) },
    { id: "instruct", title: "Edit with the assistant", section, keys: ["Mod+i"], textKeys: ["Mod+i"], edits, run: act({ type: "instruct" }) },
    { id: "fix", title: "Have the assistant fix it", section, edits, needs: "failed", run: act({ type: "fix" }) },
    { id: "explain", title: "Have the assistant explain it", section, edits, run: act({ type: "explain" }) },
  ];
}

function textCommands({ selection, selected }: CellParts): Written[] {
  const fold = (what: Fold, title: string, key: string): Written => ({
    ...{ id: what === "fold" || what === "unfold" ? `${what}-block` : what, title, section: "Cell", textKeys: [key], needs: "code" },
    run: () => selection.active?.fold(what),
  });
  const problem = (id: string, title: string, key: string, direction: 1 | -1): Written => ({
    ...{ id, title, section: "Find", textKeys: [key], edits: true, needs: "code" },
    run: () => selection.active?.goToProblem(direction) || selected.tell("Nothing is marked in this cell."),
  });
  return [
    // As in most editors.
    fold("fold", "Fold the block at the cursor", "Mod+Shift+["),
    fold("unfold", "Unfold the block at the cursor", "Mod+Shift+]"),
    fold("fold-all", "Fold all blocks of the cell", "Mod+Alt+["),
    fold("unfold-all", "Unfold all blocks of the cell", "Mod+Alt+]"),
    problem("next-problem", "To the next likely mistake", "F8", 1),
    problem("previous-problem", "To the likely mistake before", "Shift+F8", -1),
  ];
}

function selectCommands(parts: CellParts): Written[] {
  const { cells, selection } = parts;
  const act = actor(parts);
  const section = "Select";
  const go = (direction: "up" | "down", keys: readonly string[]): Written => ({
    id: `go-${direction}`,
    title: direction === "up" ? "To the cell above" : "To the cell below",
    ...{ section, keys, isUnlisted: true },
    run: act({ type: "leave", direction, to: "cell" }),
  });
  return [
    go("up", ["k", "ArrowUp"]),
    go("down", ["j", "ArrowDown"]),
    { id: "go-first", title: "To the first cell", section, keys: ["Home", "Mod+Home"], run: () => cells.goToEdge("first") },
    { id: "go-last", title: "To the last cell", section, keys: ["End", "Mod+End"], run: () => cells.goToEdge("last") },
    { id: "extend-up", title: "Also select the cell above", section, keys: ["Shift+ArrowUp", "Shift+k"], isUnlisted: true, run: () => selection.extend("up") },
    { id: "extend-down", title: "Also select the cell below", section, keys: ["Shift+ArrowDown", "Shift+j"], isUnlisted: true, run: () => selection.extend("down") },
    { id: "extend-top", title: "Select all cells above", section, keys: ["Shift+Home"], run: () => selection.extend("top") },
    { id: "extend-bottom", title: "Select all cells below", section, keys: ["Shift+End"], run: () => selection.extend("bottom") },
    { id: "select-all", title: "Select all cells", section, keys: ["Mod+a"], needs: "nothing", run: () => selection.selectAll() },
    { id: "select-one", title: "Select one cell alone", section, keys: ["Escape"], isUnlisted: true, run: () => selection.collapse() },
  ];
}

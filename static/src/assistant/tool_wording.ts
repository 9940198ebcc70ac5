// What the assistant does, in a line. Pure.

import { nameOf, type Numbers } from "../cells/numbers";
import { formatElapsed } from "../cells/wording";
import type { ChangePreview, ToolBlock } from "../protocol/chat";

/** While it is done, and when it is done; `{cell}` is the cell it is about. */
const PHRASES: Readonly<Record<string, readonly [string, string]>> = {
  get_notebook_state: ["Looking at the notebook", "Looked at the notebook"],
  read_cell: ["Reading {cell}", "Read {cell}"],
  create_cell: ["Writing a new cell", "Wrote {cell}"],
  update_cell: ["Rewriting {cell}", "Rewrote {cell}"],
  edit_cell: ["Editing {cell}", "Edited {cell}"],
  move_cell: ["Moving {cell}", "Moved {cell}"],
  delete_cell: ["Deleting {cell}", "Deleted a cell"],
  suggest_edit: ["Suggesting a change of {cell}", "Suggested a change of {cell}"],
  run_cell: ["Running {cell}", "Ran {cell}"],
  run_stale: ["Running the stale cells", "Ran the stale cells"],
  interrupt: ["Interrupting what runs", "Interrupted what ran"],
  get_variables: ["Looking at the variables", "Looked at the variables"],
  list_files: ["Looking at the files", "Looked at the files"],
  read_file: ["Reading {file}", "Read {file}"],
  list_tables: ["Looking at the tables of a database", "Looked at the tables of a database"],
  describe_table: ["Looking at the table {table}", "Looked at the table {table}"],
  run_sql: ["Asking a database", "Asked a database"],
  ask_user: ["Asking you", "Asked"],
};

/** Of those that a conversation makes proposals of. */
const PROPOSED: Readonly<Record<string, string>> = {
  create_cell: "Proposed a new cell",
  update_cell: "Proposed to rewrite {cell}",
  edit_cell: "Proposed to edit {cell}",
  move_cell: "Proposed to move {cell}",
  delete_cell: "Proposed to delete {cell}",
};

const SHORTEST_ID = 4;

export function headlineOf(tool: ToolBlock, numbers: Numbers): string {
  const [doing, done] = PHRASES[tool.name] ?? [`Using ${tool.name}`, `Used ${tool.name}`];
  const cellId = cellOf(tool, numbers);
  const words = (phrase: string): string => {
    const cell = cellId === null ? "a cell" : nameOf(cellId, numbers);
    const { path = "a file", table = "of a database" } = tool.input ?? {};
    return phrase.replace("{cell}", cell).replace("{file}", String(path)).replace("{table}", String(table));
  };
  switch (tool.status) {
    case "cancelled":
      return `${words(doing)}: not done`;
    case "waiting":
      return tool.name === "ask_user" ? "Waits for your answer" : `${words(doing)}: waits for a decision`;
    case "done":
      if (tool.decision === "rejected") return `${words(doing)}: rejected`;
      if (tool.is_error) return `${words(doing)}: did not work`;
      return words((tool.details.proposal_id && PROPOSED[tool.name]) || done);
    default:
      return `${words(doing)}…`;
  }
}

/** How long it took, and how a run ended. */
export function factsOf({ elapsed_ms, details, status }: ToolBlock): string {
  if (status !== "done") return "";
  const cells = details.plan?.cells.length ?? 0;
  const facts = [cells > 1 ? `${cells} cells` : "", details.status === "error" ? "failed" : ""];
  if (details.status === "running" || details.status === "queued") facts.push("goes on");
  // What took no time is not worth a number.
  if (elapsed_ms !== null && elapsed_ms >= 1000) facts.push(formatElapsed(elapsed_ms));
  return facts.filter(Boolean).join(" · ");
}

/** The cell that a call is about; null if none that is in the notebook. The model names cells by how their ids begin. */
export function cellOf({ input, details, preview }: ToolBlock, numbers: Numbers): string | null {
  const known = details.change?.cell_id ?? details.cell_id ?? ("cell_id" in preview ? preview.cell_id : null);
  if (known && numbers.has(known)) return known;
  const given = String(input?.["cell_id"] ?? "").replace(/[[\]\s]/g, "").toLowerCase();
  if (given.length < SHORTEST_ID) return null;
  return [...numbers.keys()].find((id) => id.startsWith(given)) ?? null;
}

/** What somebody is asked to approve. */
export function approvalHeadline(tool: ToolBlock, numbers: Numbers): string {
  const { preview } = tool;
  const cellId = cellOf(tool, numbers);
  const cell = cellId === null ? "a cell" : nameOf(cellId, numbers);
  if (!("kind" in preview)) return `Use ${tool.name}?`;
  switch (preview.kind) {
    case "create":
      return `Add a new cell ${placeOf(preview, numbers)}?`;
    case "edit":
      return `Change ${cell}?`;
    case "delete":
      return `Delete ${cell}?`;
    case "move":
      return `Move ${cell} ${placeOf(preview, numbers)}?`;
    case "run":
      return preview.plan.cells.length === 1 ? `Run ${cell}?` : `Run ${preview.plan.cells.length} cells?`;
    case "sql":
      return `Ask the database ${preview.connection}?`;
    default:
      return `Use ${tool.name}?`;
  }
}

function placeOf({ position }: ChangePreview, numbers: Numbers): string {
  if (position === "start") return "at the top";
  if (position === undefined || position === "end") return "at the end";
  return `below ${nameOf(position, numbers)}`;
}

// A change of a cell as two texts side by side, from what is known of it.

import { find } from "../dom";
import type { Comparison } from "../history/comparison";
import "../history/comparison";
import { messageOf } from "../message_of";
import type { ChangePreview, ToolBlock } from "../protocol/chat";
import type { CellKind } from "../protocol/types";
import type { AssistantServices } from "./services";

export function showPreview(box: HTMLElement, preview: ChangePreview, { languageOf }: AssistantServices): void {
  // Where a cell goes is said in words.
  box.hidden = preview.kind === "move";
  if (box.hidden) return;
  const [before, after] = [preview.before ?? "", preview.after ?? ""];
  const language = languageOf(preview.cell_kind as CellKind);
  const afterLabel = preview.kind === "delete" ? "Gone" : "As proposed";
  find<Comparison>(box, "tandem-comparison").show({ before, after, language, beforeLabel: "Now", afterLabel });
}

/** What a call has changed, once; asks for the texts as they were before and after it. */
export async function showDone(box: HTMLElement, tool: ToolBlock, services: AssistantServices): Promise<void> {
  const { change } = tool.details;
  if (!change || change.kind === "moved" || box.dataset["shown"] === tool.id) return;
  box.dataset["shown"] = tool.id;
  box.hidden = false;
  const note = find(box, "[data-part=compared-note]");
  try {
    const [before, after] = await textsOf(tool, services);
    const cell = services.notebook().cells.find(({ id }) => id === change.cell_id);
    const language = services.languageOf(cell?.kind ?? "python");
    const labels = { beforeLabel: "Before", afterLabel: change.kind === "deleted" ? "Deleted" : "As the assistant wrote it" };
    find<Comparison>(box, "tandem-comparison").show({ before, after, language, ...labels });
    note.textContent = "";
  } catch (error) {
    delete box.dataset["shown"];
    note.textContent = messageOf(error);
  }
}

async function textsOf({ details: { change }, input }: ToolBlock, { send }: AssistantServices): Promise<[string, string]> {
  const at = async (cell_id: string, version: number): Promise<string> =>
    (await send("cell_version", { cell_id, version })).source;
  switch (change?.kind) {
    case "created":
      return ["", String(input?.["source"] ?? "")];
    case "edited":
      return Promise.all([at(change.cell_id, change.from_version), at(change.cell_id, change.version)]);
    case "deleted":
      return [await at(change.cell_id, change.version), ""];
    default:
      return ["", ""];
  }
}

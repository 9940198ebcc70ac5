// An open editor without a page: the product's collaboration over a real CodeMirror state. It takes down what is
// done in it, as the log of the server must have it in the end.

import { sendableUpdates } from "@codemirror/collab";
import { EditorState, Transaction } from "@codemirror/state";
import { Collaboration, collaborative, type Editable } from "../../../static/src/editor/collab";
import type { Keeper, Remote } from "../../../static/src/editor/remote";
import type { Leftover } from "../../../static/src/editor/unsent";
import type { Cell } from "../../../static/src/protocol/types";

export interface LocalEdit {
  readonly inserted: string;
  readonly deleted: string;
  /** Not typed here, but taken over from an earlier editor that could not send it. */
  readonly is_adopted: boolean;
}

export class TabEditor implements Editable {
  readonly cellId: string;
  readonly collaboration: Collaboration;
  readonly edits: LocalEdit[] = [];
  state: EditorState;

  constructor(cell: Cell, remote: Remote, keeper: Keeper) {
    this.cellId = cell.id;
    const extensions = [EditorState.lineSeparator.of("\n"), collaborative(cell.version)];
    this.state = EditorState.create({ doc: cell.source, extensions });
    this.collaboration = new Collaboration(this, remote, keeper);
  }

  get text(): string {
    return this.state.doc.toString();
  }

  /** How many of the edits, from the last, the server has not confirmed. */
  get unconfirmed(): number {
    return sendableUpdates(this.state).length;
  }

  adopt(leftover: Leftover): Promise<boolean> {
    return this.collaboration.adopt(leftover);
  }

  dispatch(transaction: Transaction): void {
    const before = this.state;
    if (transaction.docChanged && !transaction.annotation(Transaction.remote)) this.edits.push(editOf(transaction));
    this.state = transaction.state;
    this.collaboration.stateChanged(before, this.state);
  }

  /** As a person does: the positions are moved out of the middle of characters. */
  replace(start: number, end: number, insert: string): void {
    const [from, to] = [this.#boundary(start), this.#boundary(end)];
    const userEvent = "input";
    if (from !== to || insert !== "") this.dispatch(this.state.update({ changes: { from, to, insert }, userEvent }));
  }

  #boundary(position: number): number {
    return isWithinCharacter(this, position) ? position - 1 : position;
  }
}

export function isWithinCharacter({ state }: TabEditor, position: number): boolean {
  return /[\udc00-\udfff]/.test(state.sliceDoc(position, position + 1));
}

function editOf(transaction: Transaction): LocalEdit {
  let [inserted, deleted] = ["", ""];
  transaction.changes.iterChanges((from, to, _from, _to, text) => {
    inserted += text.toString();
    deleted += transaction.startState.sliceDoc(from, to);
  });
  return { inserted, deleted, is_adopted: !transaction.isUserEvent("input") };
}

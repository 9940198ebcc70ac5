// The carets and selections of others in a text. They are told of at a version of the text; here they are placed in the
// document as it stands, move along with every change, and are placed anew when the server's text has moved on.
//
// They are drawn in layers over and under the text, not in it: lines, line breaks, input methods and our own cursor
// know nothing of them.

import { getSyncedVersion, sendableUpdates } from "@codemirror/collab";
import {
  EditorSelection,
  type EditorState,
  type Extension,
  StateEffect,
  StateField,
  type TransactionSpec,
} from "@codemirror/state";
import { layer, type LayerMarker, RectangleMarker, type ViewUpdate } from "@codemirror/view";
import type { Selection } from "../protocol/types";
import { type ChangeLog, mapped } from "./change_log";

/** Another client with a selection in this text. */
export interface Peer {
  readonly client_id: string;
  readonly label: string;
  /** The number of their colour in tokens.css. */
  readonly colour: number;
  readonly selection: Selection;
}

/** A peer's selection in the document as it is. */
export interface RemoteCursor {
  readonly peer: Peer;
  readonly anchor: number;
  readonly head: number;
  /** How often it has moved: each time its name shows again. */
  readonly moves: number;
}

const place = StateEffect.define<readonly RemoteCursor[]>();

export const remoteCursors = StateField.define<readonly RemoteCursor[]>({
  create: () => [],
  update(cursors, transaction) {
    for (const effect of transaction.effects) if (effect.is(place)) return effect.value;
    if (!transaction.docChanged || cursors.length === 0) return cursors;
    const { changes } = transaction;
    return cursors.map((cursor) => {
      return { ...cursor, anchor: mapped(cursor.anchor, changes, -1), head: mapped(cursor.head, changes, -1) };
    });
  },
});

/** What `RemoteCursors` needs of an editor; an EditorView is one. */
export interface CursorView {
  readonly state: EditorState;
  dispatch(spec: TransactionSpec): void;
}

/** Keeps the field right. */
export class RemoteCursors {
  #view: CursorView;
  #log: ChangeLog;
  #peers: readonly Peer[] = [];

  constructor(view: CursorView, log: ChangeLog) {
    this.#view = view;
    this.#log = log;
  }

  show(peers: readonly Peer[]): void {
    this.#peers = peers;
    this.refresh();
  }

  /** The text has another version: those told of at a version we did not have may be placed now. */
  refresh(): void {
    const before = this.#view.state.field(remoteCursors);
    if (before.length === 0 && this.#peers.length === 0) return;
    const cursors = this.#peers.flatMap((peer) => this.#placed(peer, before) ?? []);
    // The same is told again and again.
    if (JSON.stringify(cursors) !== JSON.stringify(before)) this.#view.dispatch({ effects: place.of(cursors) });
  }

  // Private

  #placed(peer: Peer, before: readonly RemoteCursor[]): RemoteCursor | null {
    const { state } = this.#view;
    const anchor = this.#locate(state, peer.selection.anchor, peer);
    const head = this.#locate(state, peer.selection.head, peer);
    if (anchor === null || head === null) return null;
    const old = before.find((cursor) => cursor.peer.client_id === peer.client_id);
    const moves = old ? old.moves + Number(this.#hasMoved(old.peer.selection, peer.selection)) : 0;
    return { peer, anchor, head, moves };
  }

  #locate(state: EditorState, position: number, { selection, client_id }: Peer): number | null {
    const synced = this.#log.follow(position, selection.version, getSyncedVersion(state), client_id);
    if (synced === null) return null;
    const at = sendableUpdates(state).reduce((before, { changes }) => mapped(before, changes, -1), synced);
    return Math.min(at, state.doc.length);
  }

  /** Whether they typed or went elsewhere, and it is not just that others edited around them. */
  #hasMoved(before: Selection, after: Selection): boolean {
    const now = getSyncedVersion(this.#view.state);
    const still = ({ version, head }: Selection): number | null => this.#log.follow(head, version, now, null);
    return still(before) !== still(after);
  }
}

// Drawing

/** A caret with the name of whose it is. */
class CaretMarker implements LayerMarker {
  constructor(
    readonly cursor: RemoteCursor,
    readonly rectangle: RectangleMarker,
  ) {}

  draw(): HTMLElement {
    const caret = this.rectangle.draw();
    const name = document.createElement("span");
    name.className = "remote-name";
    name.textContent = this.cursor.peer.label;
    caret.append(name);
    return caret;
  }

  /** The same element goes on, unless the name is to show again. */
  update(caret: HTMLElement, before: LayerMarker): boolean {
    if (!(before instanceof CaretMarker) || !this.#isSame(before)) return false;
    return this.rectangle.update(caret, before.rectangle);
  }

  eq(other: LayerMarker): boolean {
    return other instanceof CaretMarker && this.#isSame(other) && this.rectangle.eq(other.rectangle);
  }

  #isSame({ cursor }: CaretMarker): boolean {
    return cursor.peer.client_id === this.cursor.peer.client_id && cursor.moves === this.cursor.moves;
  }
}

const caretLayer = layer({
  above: true,
  class: "remote-carets",
  update: isNews,
  markers(view) {
    return view.state.field(remoteCursors).flatMap((cursor) => {
      const at = EditorSelection.cursor(cursor.head);
      const rectangles = RectangleMarker.forRange(view, `remote-caret ${colourClass(cursor.peer)}`, at);
      return rectangles.map((rectangle) => new CaretMarker(cursor, rectangle));
    });
  },
});

const selectionLayer = layer({
  above: false,
  class: "remote-selections",
  update: isNews,
  markers(view) {
    return view.state.field(remoteCursors).flatMap(({ peer, anchor, head }) => {
      if (anchor === head) return [];
      const range = EditorSelection.range(anchor, head);
      return RectangleMarker.forRange(view, `remote-selection ${colourClass(peer)}`, range);
    });
  },
});

function isNews(update: ViewUpdate): boolean {
  return update.docChanged || update.startState.field(remoteCursors, false) !== update.state.field(remoteCursors);
}

function colourClass({ colour }: Peer): string {
  return `person-${colour}`;
}

/** For an editor that others are in too. */
export function showsOthers(): Extension {
  return [remoteCursors, selectionLayer, caretLayer];
}

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { receiveUpdates } from "@codemirror/collab";
import { ChangeSet, EditorState, type TransactionSpec } from "@codemirror/state";
import type { Selection } from "../protocol/types";
import { ChangeLog } from "./change_log";
import { collaborative } from "./collab";
import { type CursorView, type Peer, RemoteCursors, remoteCursors, showsOthers } from "./remote_cursors";

class View implements CursorView {
  state = EditorState.create({ doc: "0123456789", extensions: [collaborative(5), showsOthers()] });
  log = new ChangeLog();
  cursors = new RemoteCursors(this, this.log);

  dispatch(spec: TransactionSpec): void {
    this.state = this.state.update(spec).state;
  }

  type(from: number, insert: string): void {
    this.dispatch({ changes: { from, insert } });
  }

  /** Somebody else's insertion into the server's text arrives. */
  receive(clientID: string, from: number, insert: string, length: number): void {
    const changes = ChangeSet.of({ from, insert }, length);
    this.log.add(clientID, changes);
    this.state = receiveUpdates(this.state, [{ clientID, changes }]).state;
    this.cursors.refresh();
  }

  get heads(): (number | undefined)[] {
    return this.state.field(remoteCursors).map((cursor) => cursor.head);
  }

  get moves(): number | undefined {
    return this.state.field(remoteCursors)[0]?.moves;
  }
}

function peer(head: number, version = 5, clientId = "b"): Peer {
  const selection: Selection = { version, anchor: head, head };
  return { client_id: clientId, label: "bob", colour: 1, selection };
}

let view: View;

beforeEach(() => {
  view = new View();
});

describe("a cursor", () => {
  test("is where it was told to be, and gone when it is not told of", () => {
    view.cursors.show([peer(4)]);
    assert.deepEqual(view.heads, [4]);
    view.cursors.show([]);
    assert.deepEqual(view.heads, []);
  });

  test("moves with what we type, and stays before what we type at it", () => {
    view.cursors.show([peer(4)]);
    view.type(0, "ab");
    assert.deepEqual(view.heads, [6]);
    view.type(6, "cd");
    assert.deepEqual(view.heads, [6]);
    view.cursors.show([peer(4)]);
    assert.deepEqual(view.heads, [6]);
  });

  test("goes along with what its owner types, and not with what others do", () => {
    view.cursors.show([peer(4)]);
    view.receive("b", 4, "xx", 10);
    assert.deepEqual(view.heads, [6]);
    view.receive("c", 6, "yyy", 12);
    assert.deepEqual(view.heads, [6]);
  });

  test("of an older version is found again", () => {
    view.type(10, "!");
    view.receive("c", 0, "xx", 10);
    view.cursors.show([peer(4, 5)]);
    assert.deepEqual(view.heads, [6]);
  });

  test("of a version that is not here yet appears with it", () => {
    view.cursors.show([peer(12, 6)]);
    assert.deepEqual(view.heads, []);
    view.receive("b", 4, "xx", 10);
    assert.deepEqual(view.heads, [12]);
  });

  test("that cannot be is at the end", () => {
    view.cursors.show([peer(1e9)]);
    assert.deepEqual(view.heads, [10]);
  });
});

describe("a name", () => {
  test("shows when its owner moved or typed, and not when others did", () => {
    view.cursors.show([peer(4)]);
    assert.equal(view.moves, 0);
    view.cursors.show([peer(6)]);
    assert.equal(view.moves, 1);
    view.receive("c", 0, "xx", 10);
    view.cursors.show([peer(8, 6)]);
    assert.equal(view.moves, 1);
    view.receive("b", 8, "!", 12);
    view.cursors.show([peer(9, 7)]);
    assert.equal(view.moves, 2);
  });
});

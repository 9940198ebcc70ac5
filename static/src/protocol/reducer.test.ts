import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cell, event, fixtures, notebook, output, stdout } from "../testing";
import { type Effect, type Message, reduce } from "./reducer";
import { findCell, initialState, type State } from "./state";
import type { Cell, CellProgress, EventMessage, Notebook, ServerMessage } from "./types";

interface Fixture {
  readonly before: Notebook;
  readonly messages: ServerMessage[];
  readonly after: Notebook;
}

function run(before: State, ...messages: Message[]): { state: State; effects: Effect[] } {
  const effects: Effect[] = [];
  let state = before;
  for (const message of messages) {
    const reduction = reduce(state, message);
    state = reduction.state;
    effects.push(...reduction.effects);
  }
  return { state, effects };
}

function begun(...cells: Cell[]): State {
  return initialState(notebook(cells), "editor");
}

function running(id: string, runId = "run"): Cell {
  return cell(id, { status: "running", cell_run_id: runId });
}

function progress(changes: Partial<CellProgress>): CellProgress {
  const base = { execution_count: null, started_at: null, elapsed_ms: null, output_offset: 0, blocked_by: null, run_by: null };
  return { cell_id: "a", cell_run_id: "run", status: "ok", ...base, ...changes };
}

function statusEvent(seq: number, ...cells: Partial<CellProgress>[]): EventMessage {
  return event(seq, { type: "cell_statuses", cells: cells.map(progress) });
}

/** What the server, with the notebook as it is in the end, answers to what was asked for. */
function answers(effects: readonly Effect[], { cells }: Notebook): Message[] {
  const asked = new Set(effects.flatMap((effect) => (effect.type === "fetch_outputs" ? [effect.cell_id] : [])));
  return cells
    .filter(({ id }) => asked.has(id))
    .map(({ id, cell_run_id, output_offset, outputs }) => {
      return { type: "stored_outputs", cell_id: id, cell_run_id, output_offset, outputs };
    });
}

function textOf(state: State, id: string): string {
  return (findCell(state.notebook, id)?.outputs ?? []).map((each) => ("text" in each ? each.text : "")).join("|");
}

describe("fixtures of real commands", () => {
  for (const [name, { before, messages, after }] of fixtures<Fixture>("protocol")) {
    test(name, () => {
      const { state, effects } = run(initialState(before, "editor"), ...messages);
      const { state: complete } = run(state, ...answers(effects, after));
      assert.deepEqual(complete.notebook, after);
    });
  }
});

describe("events", () => {
  const rename = (seq: number, title = `title ${seq}`): EventMessage => event(seq, { type: "notebook_renamed", title });

  test("a gap asks for what is missing, and what came early waits", () => {
    const gap = run(begun(), rename(4), rename(3));
    assert.deepEqual(gap.effects[0], { type: "resync", since_seq: 1 });
    assert.equal(gap.state.notebook.title, "A notebook");
    const filled = run(gap.state, rename(2));
    assert.equal(filled.state.notebook.title, "title 4");
    assert.equal(filled.state.notebook.seq, 4);
    assert.equal(filled.state.ahead.size, 0);
  });

  test("an event that is known changes nothing", () => {
    const { state } = run(begun(), rename(2), rename(2, "again"), rename(1, "older"));
    assert.equal(state.notebook.title, "title 2");
  });

  test("a newer heartbeat asks for what is missing", () => {
    const beat = { type: "heartbeat", offsets: {} } as const;
    assert.deepEqual(run(begun(), { ...beat, seq: 3 }).effects, [{ type: "resync", since_seq: 1 }]);
    assert.deepEqual(run(begun(), { ...beat, seq: 1 }).effects, []);
  });

  test("a heartbeat tells of output that got lost before a silence", () => {
    const state = begun(running("a"));
    const beat = (offset: number) => run(state, { type: "heartbeat", seq: 1, offsets: { a: offset } }).effects;
    assert.deepEqual(beat(1), [{ type: "fetch_outputs", cell_id: "a", soon: false }]);
    assert.deepEqual(beat(0), []);
  });

  test("an edit is for the open editor too", () => {
    const updates = [{ client_id: "x", changes: [[0, "hi"]] }] as const;
    const edit = event(2, { type: "cell_updated", cell_id: "a", version: 1, updates });
    const { state, effects } = run(begun(cell("a")), edit);
    assert.equal(findCell(state.notebook, "a")?.source, "hi");
    assert.deepEqual(effects, [{ type: "edit", event: edit.event }]);
  });

  test("an edit that does not fit reloads the notebook", () => {
    const updates = [{ client_id: "x", changes: [7] }];
    const edit = event(2, { type: "cell_updated", cell_id: "a", version: 1, updates });
    assert.deepEqual(run(begun(cell("a")), edit).effects, [{ type: "reload" }]);
  });

  test("a run queues its cells, but what runs goes on running", () => {
    const cells = [{ cell_id: "a", cell_run_id: "1" }, { cell_id: "b", cell_run_id: "2" }];
    const started = event(2, { type: "run_started", run: { id: "r", scope: "all", status: "queued", cells } });
    const { state } = run(begun(running("a"), cell("b"), cell("c")), started);
    assert.deepEqual(state.notebook.cells.map((each) => each.status), ["running", "queued", "idle"]);
  });

  test("a cell that is queued again is not blocked any more", () => {
    const cells = [{ cell_id: "a", cell_run_id: "1" }];
    const started = event(2, { type: "run_started", run: { id: "r", scope: "all", status: "queued", cells } });
    const { state } = run(begun(cell("a", { status: "blocked", blocked_by: "b" })), started);
    assert.equal(findCell(state.notebook, "a")?.blocked_by, null);
  });

  test("a configured cell has its kind, and whether it is disabled", () => {
    const settings = { kind: "sql", is_disabled: true, result_name: "df_1", connection_id: "c", cache_seconds: 60, metadata: {} } as const;
    const configured = event(2, { type: "cell_configured", cell_id: "a", ...settings });
    const { state } = run(begun(cell("a"), cell("b")), configured);
    assert.deepEqual(state.notebook.cells, [cell("a", { kind: "sql", is_disabled: true, result_name: "df_1", connection_id: "c", cache_seconds: 60 }), cell("b")]);
  });

  test("a configured notebook has its mode and its language", () => {
    const { state } = run(begun(), event(2, { type: "notebook_configured", mode: "lazy", language: "r" }));
    assert.deepEqual([state.notebook.mode, state.notebook.language], ["lazy", "r"]);
  });

  test("a restored cell is back in its place, and what it had put out is asked for", () => {
    const shown = cell("a", { status: "ok", cell_run_id: "run", output_offset: 2, outputs: [stdout("12")] });
    const deleted = run(begun(shown, cell("b")), event(2, { type: "cell_deleted", cell_id: "a" }));
    assert.equal(deleted.state.deleted_by.get("a"), "ada");
    const back = event(3, { type: "cell_restored", cell: { ...shown, outputs: [] } });
    const { state, effects } = run(deleted.state, back);
    assert.deepEqual(state.notebook.cells, [{ ...shown, output_offset: 0, outputs: [] }, cell("b")]);
    assert.deepEqual(effects, [{ type: "fetch_outputs", cell_id: "a", soon: false }]);
    assert.equal(state.deleted_by.size, 0);
  });

  test("a restored cell that put out nothing asks for nothing", () => {
    const { state, effects } = run(begun(), event(2, { type: "cell_restored", cell: cell("a") }));
    assert.deepEqual(state.notebook.cells, [cell("a")]);
    assert.deepEqual(effects, []);
  });

  test("output of a restored cell that runs waits for what came before", () => {
    const { state, effects } = run(
      begun(),
      event(2, { type: "cell_restored", cell: { ...running("a"), output_offset: 1 } }),
      output("a", "run", 1, stdout("2")),
      { type: "stored_outputs", cell_id: "a", cell_run_id: "run", output_offset: 1, outputs: [stdout("1")] },
    );
    assert.equal(textOf(state, "a"), "12");
    assert.equal(effects.length, 2);
  });

  test("a checkpoint is remembered for whoever shows them", () => {
    const actor = { kind: "user", label: "ada" };
    const checkpoint = { id: "c", name: "", reason: "manual", actor, created_at: "", cell_count: 0 } as const;
    const { state, effects } = run(begun(), event(2, { type: "checkpoint_created", checkpoint }));
    assert.equal(state.newest_checkpoint, checkpoint);
    assert.equal(state.notebook.seq, 2);
    assert.deepEqual(effects, []);
  });

  test("a deleted notebook is left", () => {
    assert.deepEqual(run(begun(), event(2, { type: "notebook_deleted" })).effects, [{ type: "leave" }]);
  });

  test("an event this page does not know yet is counted and nothing else", () => {
    const unknown = event(2, { type: "cell_painted" } as never);
    const { state, effects } = run(begun(), unknown);
    assert.equal(state.notebook.seq, 2);
    assert.deepEqual(effects, []);
  });
});

describe("snapshots", () => {
  test("a newer one replaces the notebook", () => {
    const newer = notebook([cell("b")], { seq: 9 });
    const { state } = run(begun(cell("a")), { type: "snapshot", seq: 9, notebook: newer });
    assert.deepEqual(state.notebook, newer);
  });

  test("an older one is dropped", () => {
    const state = begun(cell("a"));
    const older = notebook([], { seq: 0 });
    assert.equal(run(state, { type: "snapshot", seq: 0, notebook: older }).state, state);
  });

  test("events that were ahead of it are applied", () => {
    const ahead = run(begun(), event(6, { type: "notebook_renamed", title: "six" }));
    const { state } = run(ahead.state, { type: "snapshot", seq: 5, notebook: notebook([], { seq: 5 }) });
    assert.equal(state.notebook.title, "six");
    assert.equal(state.notebook.seq, 6);
  });
});

describe("opening", () => {
  test("asks for the output of running cells once all missed events are in", () => {
    const opened = run(begun(cell("a")), { type: "opened", seq: 2, role: "editor", client_id: "c" });
    assert.deepEqual(opened.effects, []);
    const { effects } = run(opened.state, statusEvent(2, { status: "running" }));
    assert.deepEqual(effects, [{ type: "fetch_outputs", cell_id: "a", soon: true }]);
  });
});

describe("output", () => {
  test("operations are applied once, whatever overlaps", () => {
    const { state, effects } = run(
      begun(running("a")),
      output("a", "run", 0, stdout("1"), stdout("2")),
      output("a", "run", 1, stdout("2"), stdout("3")),
      output("a", "run", 0, stdout("1")),
    );
    assert.equal(textOf(state, "a"), "123");
    assert.equal(findCell(state.notebook, "a")?.output_offset, 3);
    assert.deepEqual(effects, []);
  });

  test("a gap asks once; what came early is applied after the answer", () => {
    const gap = run(begun(running("a")), output("a", "run", 2, stdout("3")), output("a", "run", 3, stdout("4")));
    assert.deepEqual(gap.effects, [{ type: "fetch_outputs", cell_id: "a", soon: false }]);
    const stored = { cell_id: "a", cell_run_id: "run", output_offset: 2, outputs: [stdout("12")] };
    const { state, effects } = run(gap.state, { type: "stored_outputs", ...stored });
    assert.equal(textOf(state, "a"), "1234");
    assert.deepEqual(effects, []);
  });

  test("an answer that is still behind is asked for again", () => {
    const gap = run(begun(running("a")), output("a", "run", 2, stdout("3")));
    const stored = { cell_id: "a", cell_run_id: "run", output_offset: 1, outputs: [stdout("1")] };
    const behind = run(gap.state, { type: "stored_outputs", ...stored });
    assert.deepEqual(behind.effects, [{ type: "fetch_outputs", cell_id: "a", soon: true }]);
    assert.equal(textOf(behind.state, "a"), "1");
  });

  test("an answer that is older than what is shown changes nothing", () => {
    const shown = run(begun(running("a")), output("a", "run", 0, stdout("1"), stdout("2")));
    const stored = { cell_id: "a", cell_run_id: "run", output_offset: 1, outputs: [stdout("1")] };
    assert.equal(textOf(run(shown.state, { type: "stored_outputs", ...stored }).state, "a"), "12");
  });

  test("the answer about another run is dropped", () => {
    const stored = { cell_id: "a", cell_run_id: "other", output_offset: 9, outputs: [stdout("no")] };
    assert.equal(textOf(run(begun(running("a")), { type: "stored_outputs", ...stored }).state, "a"), "");
  });

  test("output before its run has begun waits, and that of another run goes", () => {
    const { state } = run(
      begun(cell("a")),
      output("a", "older", 0, stdout("no")),
      output("a", "run", 0, stdout("yes")),
      statusEvent(2, { status: "running" }),
    );
    assert.equal(textOf(state, "a"), "yes");
    assert.equal(state.waiting.size, 0);
  });

  test("of many cells come in one event, each in its turn", () => {
    const { state, effects } = run(
      begun(cell("a", { outputs: [stdout("old")] }), cell("b", { cell_run_id: "older" }), cell("c")),
      statusEvent(
        2,
        { status: "running" },
        { status: "error", execution_count: 7, elapsed_ms: 3 },
        { cell_id: "b", cell_run_id: "newer", status: "blocked", blocked_by: "a" },
        { cell_id: "gone", status: "running" },
      ),
    );
    const [a, b, c] = state.notebook.cells;
    assert.deepEqual(a, cell("a", { status: "error", cell_run_id: "run", execution_count: 7, elapsed_ms: 3 }));
    assert.deepEqual(b, cell("b", { status: "blocked", cell_run_id: "older", blocked_by: "a" }));
    assert.deepEqual(c, cell("c"));
    assert.deepEqual(effects, []);
  });

  test("a cell that ended with more than we have asks for the rest", () => {
    const { effects } = run(begun(running("a")), statusEvent(2, { output_offset: 5 }));
    assert.deepEqual(effects, [{ type: "fetch_outputs", cell_id: "a", soon: false }]);
  });
});

describe("input", () => {
  const input_request = { id: "question", prompt: "Name? ", is_password: false };
  const asked = event(2, { type: "input_requested", cell_id: "a", input_request });

  test("a cell that asks waits until somebody answers", () => {
    const { state } = run(begun(running("a")), asked);
    assert.deepEqual(findCell(state.notebook, "a")?.input_request, input_request);
    const { state: closed } = run(state, event(3, { type: "input_closed", cell_id: "a", request_id: "question" }));
    assert.equal(findCell(closed.notebook, "a")?.input_request, null);
  });

  test("a cell that ends asks no more", () => {
    const { state } = run(begun(running("a")), asked, statusEvent(3, { status: "error" }));
    assert.equal(findCell(state.notebook, "a")?.input_request, null);
  });
});

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { CellElement } from "../cells/cell";
import { Closed, Unfit } from "../editor/remote";
import type { Leftover, Unsent } from "../editor/unsent";
import type { Toast } from "../panels/toasts";
import { CommandError, ConnectionLost } from "../protocol/socket";
import { initialState, type State } from "../protocol/state";
import type { Role } from "../protocol/types";
import { cell, notebook } from "../testing";
import type { ShownDraft } from "./draft_dialog";
import { DraftStore } from "./draft_store";
import { Drafts, type DraftSurroundings } from "./drafts";
import { FakeLocks, FakeStorage } from "./fake_browser";
import { LockedLives, type PageLives } from "./page_lives";

const TYPED: Unsent = { version: 3, updates: [[5, [0, "typed"]]] };

let storage: FakeStorage;
let locks: FakeLocks;

/** A page of the notebook, with the drafts of a browser; cells and server are the test's. */
class Page {
  drafts: Drafts;
  lives: PageLives;
  /** Those that are shown. */
  cellIds: string[];
  /** Those the notebook has, as far as the page was told. */
  knownIds: string[];
  adopted: [cellId: string, draft: Leftover][] = [];
  toasts: Toast[] = [];
  errors: unknown[] = [];
  offered: [ShownDraft, discard: () => void][] = [];
  sent: [type: string, fields: object][] = [];
  /** What the next adoptions come to. */
  adoption: (cellId: string) => boolean | Promise<boolean> = () => true;
  answer: (type: string) => object = () => ({});
  #elements = new Map<string, CellElement>();

  constructor(cellIds: string[] = ["a", "b"], role: Role = "editor", user = "1") {
    this.cellIds = this.knownIds = cellIds;
    this.lives = new LockedLives(locks.ofPage());
    const state = (): State => initialState(notebook(this.knownIds.map((id) => cell(id))), role);
    const around: unknown = {
      client: {
        get state() {
          return state();
        },
        ownIds: ["one", "two"],
        send: async (type: string, fields: object) => {
          this.sent.push([type, fields]);
          return this.answer(type);
        },
      },
      cells: { find: (cellId: string) => this.#find(cellId), goTo: () => {} },
      toasts: { show: (toast: Toast) => this.toasts.push(toast), error: (error: unknown) => this.errors.push(error) },
      dialog: { show: (draft: ShownDraft, discard: () => void) => this.offered.push([draft, discard]) },
      store: new DraftStore(storage, user, "notebook"),
      lives: this.lives,
    };
    this.drafts = new Drafts(around as DraftSurroundings);
  }

  async open(): Promise<void> {
    this.drafts.opened();
    await settled();
  }

  async show(...cellIds: string[]): Promise<void> {
    this.cellIds = this.knownIds = cellIds;
    for (const cellId of this.#elements.keys()) if (!cellIds.includes(cellId)) this.#elements.delete(cellId);
    this.drafts.cellsShown();
    await settled();
  }

  get texts(): string[] {
    return this.toasts.map((toast) => toast.text);
  }

  async pressNewest(): Promise<void> {
    this.toasts.at(-1)?.action?.run();
    await settled();
  }

  #find(cellId: string): CellElement | undefined {
    if (!this.cellIds.includes(cellId)) return undefined;
    const element = this.#elements.get(cellId) ?? this.#make(cellId);
    this.#elements.set(cellId, element);
    return element;
  }

  #make(cellId: string): CellElement {
    const adopt = async (draft: Leftover): Promise<boolean> => {
      const wasNew = await this.adoption(cellId);
      this.adopted.push([cellId, draft]);
      return wasNew;
    };
    return { adopt } as unknown as CellElement;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await locks.settled();
}

/** A page that typed this and died. */
function deadPage(...cellIds: string[]): void {
  const page = new Page();
  for (const cellId of cellIds) page.drafts.keep(cellId, TYPED);
  locks.kill(0);
}

beforeEach(() => {
  storage = new FakeStorage();
  locks = new FakeLocks();
});

describe("what is unsent", () => {
  test("is stored with all the names of this tab, until it is sent", () => {
    const page = new Page();
    page.drafts.keep("a", TYPED);
    assert.equal(page.drafts.unsentCells, 1);
    const draft = JSON.parse(storage.getItem(storage.key(0) ?? "") ?? "") as Leftover;
    assert.deepEqual([draft.version, draft.updates, draft.client_ids], [3, TYPED.updates, ["one", "two"]]);
    page.drafts.keep("a", null);
    assert.equal(page.drafts.unsentCells, 0);
    assert.equal(storage.length, 0);
  });

  test("that the browser has no room for is told of once, and leaves nothing out of date", () => {
    const page = new Page();
    page.drafts.keep("a", TYPED);
    storage.room = 0;
    page.drafts.keep("a", { ...TYPED, updates: [[5, [0, "typed more"]]] });
    page.drafts.keep("a", TYPED);
    assert.equal(storage.length, 0);
    assert.equal(page.toasts.length, 1);
    assert.match(page.texts[0] ?? "", /no room/);
  });
});

describe("a dead page's drafts", () => {
  test("are taken over by the next, once", async () => {
    deadPage("a", "b");
    const [one, two] = [new Page(), new Page()];
    await Promise.all([one.open(), two.open()]);
    assert.deepEqual(one.adopted.map(([cellId, { version, updates }]) => [cellId, version, updates]), [
      ["a", 3, TYPED.updates],
      ["b", 3, TYPED.updates],
    ]);
    assert.deepEqual(two.adopted, []);
    assert.deepEqual(one.texts, ["What you typed before the page was closed is back, in 2 cells."]);
    assert.equal(storage.length, 0);
  });

  test("are not those of a page that lives, until it dies", async () => {
    const typing = new Page();
    typing.drafts.keep("a", TYPED);
    const page = new Page();
    await page.open();
    await page.open();
    assert.deepEqual(page.adopted, []);
    locks.kill(0);
    await settled();
    assert.equal(page.adopted.length, 1);
  });

  test("are not those of another person or notebook", async () => {
    deadPage("a");
    const page = new Page(["a"], "editor", "2");
    await page.open();
    assert.deepEqual(page.adopted, []);
    assert.equal(storage.length, 1);
  });

  test("that the server had accepted are no news", async () => {
    deadPage("a");
    const page = new Page();
    page.adoption = () => false;
    await page.open();
    assert.deepEqual(page.toasts, []);
    assert.equal(storage.length, 0);
  });

  test("wait for the next connection if this one breaks", async () => {
    deadPage("a");
    const page = new Page();
    page.adoption = () => {
      throw new ConnectionLost();
    };
    await page.open();
    assert.deepEqual([page.toasts, page.errors, storage.length], [[], [], 1]);
    page.adoption = () => true;
    await page.open();
    assert.equal(page.adopted.length, 1);
  });
});

describe("a deleted cell", () => {
  const DELETED = ["A cell you had typed in was deleted."];

  function refuse(): never {
    throw new CommandError({ code: "not_found", message: "There is no such cell.", details: {} });
  }

  test("with a draft is offered back, and has its text once it is there", async () => {
    deadPage("gone");
    const page = new Page();
    await page.open();
    await page.open();
    assert.deepEqual(page.texts, DELETED);
    await page.pressNewest();
    assert.deepEqual(page.sent, [["cell_restore", { cell_id: "gone" }]]);
    assert.equal(page.adopted.length, 0);
    await page.show("a", "b", "gone");
    await page.show("a", "b", "gone");
    assert.deepEqual(page.adopted.map(([cellId]) => cellId), ["gone"]);
    assert.equal(storage.length, 0);
  });

  test("that cannot be brought back leaves its text to copy", async () => {
    deadPage("gone");
    const page = new Page();
    page.answer = refuse;
    await page.open();
    await page.pressNewest();
    await page.pressNewest();
    assert.equal(page.offered[0]?.[0].text, "typed");
    assert.equal(storage.length, 1);
  });

  test("that somebody deleted under our hands keeps what we typed", async () => {
    const page = new Page();
    page.drafts.keep("a", TYPED);
    page.drafts.lost("a");
    assert.equal(page.drafts.unsentCells, 0);
    await page.show("b");
    assert.equal(page.adopted.length, 0);
    await page.show("a", "b");
    assert.equal(page.adopted.length, 1);
    assert.equal(storage.length, 0);
  });

  test("that comes back before its draft is seen to does not overwrite it", async () => {
    const page = new Page();
    page.drafts.keep("a", TYPED);
    page.drafts.lost("a");
    page.drafts.keep("a", { version: 4, updates: [[1, [0, "new"]]] });
    await page.show("a", "b");
    assert.deepEqual(page.adopted.map(([, draft]) => draft.updates), [TYPED.updates]);
    assert.equal(storage.length, 1);
  });

  test("that the server told of before the page shows it is offered back then", async () => {
    deadPage("a");
    const page = new Page();
    page.adoption = refuse;
    await page.open();
    assert.deepEqual([page.toasts, page.errors], [[], []]);
    await page.show("b");
    assert.deepEqual(page.texts, DELETED);
    page.adoption = () => true;
    await page.show("a", "b");
    assert.deepEqual(page.adopted.map(([cellId]) => cellId), ["a"]);
    assert.equal(storage.length, 0);
  });

  test("that is back before the page showed that it was gone has its text", async () => {
    deadPage("a");
    const page = new Page();
    page.adoption = refuse;
    await page.open();
    page.adoption = () => true;
    await page.show("a", "b");
    assert.deepEqual([page.adopted.length, page.toasts.length, storage.length], [1, 1, 0]);
    assert.match(page.texts[0] ?? "", /is back/);
  });

  test("whose editor is closed while it takes in a draft is offered back", async () => {
    deadPage("a");
    const page = new Page();
    page.adoption = async () => {
      void page.show("b");
      throw new Closed();
    };
    await page.open();
    assert.deepEqual([page.texts, page.errors], [DELETED, []]);
  });

  test("that is in another editor already when the first one is closed has its text", async () => {
    deadPage("a");
    const page = new Page();
    page.adoption = async () => {
      page.adoption = () => true;
      void page.show("b");
      void page.show("a", "b");
      throw new Closed();
    };
    await page.open();
    assert.equal(page.adopted.length, 1);
    assert.equal(storage.length, 0);
  });

  test("that came, and went before it was shown, is offered back", async () => {
    deadPage("c");
    const page = new Page();
    page.knownIds = ["a", "b", "c"];
    await page.open();
    assert.deepEqual(page.toasts, []);
    await page.show("a", "b");
    assert.deepEqual(page.texts, DELETED);
  });

  test("that comes back while another's draft is taken in has its text", async () => {
    deadPage("gone", "b");
    const page = new Page();
    let finish = (): void => {};
    page.adoption = () => new Promise((resolve) => (finish = () => resolve(true)));
    await page.open();
    assert.deepEqual(page.texts, DELETED);
    page.adoption = () => true;
    await page.show("a", "b", "gone");
    finish();
    await settled();
    assert.deepEqual(page.adopted.map(([cellId]) => cellId), ["b", "gone"]);
    assert.equal(storage.length, 0);
  });
});

describe("a draft that cannot be put back", () => {
  test("of somebody who may only view is offered to copy, whole", async () => {
    deadPage("a");
    const page = new Page(["a"], "viewer");
    page.answer = () => ({ version: 3, source: "I had " });
    const updates = [[6, [0, "typed"]]] as const;
    storage.setItem(storage.key(0) ?? "", JSON.stringify({ ...TYPED, updates, client_ids: [], saved_at: "2026-01-01" }));
    await page.open();
    await page.pressNewest();
    assert.deepEqual(page.sent, [["cell_version", { cell_id: "a", version: 3 }]]);
    assert.equal(page.offered[0]?.[0].text, "I had typed");
    assert.equal(storage.length, 1);
  });

  test("because it does not fit is offered once, and goes when it is thrown away", async () => {
    deadPage("a");
    const page = new Page();
    page.adoption = () => {
      throw new Unfit();
    };
    await page.open();
    await page.open();
    assert.equal(page.toasts.length, 1);
    await page.pressNewest();
    const [shown, discard] = page.offered[0] ?? [];
    assert.equal(shown?.text, "typed");
    discard?.();
    assert.equal(storage.length, 0);
  });
});

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { CommandError, ConnectionLost } from "../protocol/socket";
import type { WidgetLink } from "./link";
import type { CommMessage, ToFrame, WidgetItem, WidgetModel } from "./messages";
import { problemOf, referencesIn, withUpdate } from "./state";
import { WidgetModels } from "./widget_models";

const CONTROLS = "@jupyter-widgets/controls";
const model = (state: object = {}, is_alive = true): WidgetModel => ({
  state: { _model_module: CONTROLS, ...state },
  buffers: [],
  is_alive,
});

let stored: Record<string, WidgetModel>;
let asked: (readonly string[])[];
let sent: CommMessage[];

beforeEach(() => {
  stored = { box: model({ children: ["IPY_MODEL_slider"] }), slider: model({ value: 1 }), other: model() };
  asked = [];
  sent = [];
});

const modelsFor = (mayUse = true): WidgetModels =>
  new WidgetModels({
    mayUse,
    fetch: async (ids) => {
      asked.push(ids);
      return ids.includes("box") ? { box: stored["box"]!, slider: stored["slider"]! } : {};
    },
    send: async (message) => sent.push(message),
  });

class Place implements WidgetLink {
  isConnected = true;
  used: ((message: CommMessage) => void) | null = null;
  posted: ToFrame[] = [];
  note = "";
  problem = "";

  constructor(readonly modelId: string) {}

  post(message: ToFrame): void {
    this.posted.push(message);
  }

  showNote(text: string): void {
    this.note = text;
  }

  giveUp(problem: string): void {
    this.problem = problem;
  }

  get items(): WidgetItem[] {
    return this.posted.flatMap((message) => (message.type === "widgets" ? message.items : []));
  }

  get mayUse(): boolean | undefined {
    return this.posted.findLast((message) => message.type === "widget_access")?.may_use;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const update = (comm_id: string, state: object): WidgetItem => ({
  ...{ kind: "updated", comm_id, state: { ...state }, buffers: [], parent_id: "", is_echo: false },
});
const use = (comm_id: string): CommMessage => ({ type: "comm", comm_id, message_id: "m", data: {}, buffers: [] });

test("a frame gets what its view refers to, then what becomes of it, and nothing else", async () => {
  const models = modelsFor();
  const place = new Place("box");
  models.attach(place, "cell");
  await settled();
  assert.deepEqual(asked, [["box"]]);
  assert.deepEqual(
    place.items.map((item) => item.kind === "opened" && item.comm_id),
    ["box", "slider"],
  );
  assert.equal(place.mayUse, true);
  place.posted = [];
  models.heard({ type: "widgets", number: 7, items: [update("slider", { value: 2 }), update("other", { value: 3 })] });
  await settled();
  assert.deepEqual(place.items, [update("slider", { value: 2 })]);
});

test("what a model comes to refer to is told first", async () => {
  const models = modelsFor();
  const place = new Place("box");
  models.attach(place, "cell");
  models.heard({ type: "widgets", number: 1, items: [{ kind: "opened", comm_id: "new", model: model() }] });
  await settled();
  place.posted = [];
  models.heard({ type: "widgets", number: 2, items: [update("box", { children: ["IPY_MODEL_new"] })] });
  await settled();
  assert.deepEqual(
    place.items.map(({ kind }) => kind),
    ["opened", "updated"],
  );
});

test("a frame is heard for the live models that it shows, and for nothing else", async () => {
  const models = modelsFor();
  const place = new Place("box");
  models.heard({ type: "widgets", number: 1, items: [{ kind: "opened", comm_id: "other", model: model() }] });
  models.attach(place, "cell");
  await settled();
  for (const id of ["slider", "other", "nobody", "__proto__"]) place.used?.(use(id));
  await settled();
  assert.deepEqual(
    sent.map(({ comm_id }) => comm_id),
    ["slider"],
  );
  models.heard({ type: "widgets", number: 0, items: [{ kind: "gone" }] });
  await settled();
  place.used?.(use("slider"));
  await settled();
  assert.equal(sent.length, 1);
  assert.equal(place.mayUse, false);
  assert.match(place.note, /Run the cell again/);
});

test("who only reads uses nothing", async () => {
  const place = new Place("box");
  modelsFor(false).attach(place, "cell");
  await settled();
  assert.equal(place.mayUse, false);
  place.used?.(use("slider"));
  await settled();
  assert.deepEqual(sent, []);
});

test("what was missed is asked for", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const models = modelsFor();
  const place = new Place("box");
  models.attach(place, "cell");
  await settled();
  models.heard({ type: "widgets", number: 5, items: [update("slider", { value: 2 })] });
  models.heard({ type: "widgets", number: 5, items: [] });
  t.mock.timers.tick(1000);
  await settled();
  const before = asked.length;
  models.heard({ type: "widgets", number: 6, items: [update("slider", { value: 3 })] });
  t.mock.timers.tick(1000);
  await settled();
  assert.equal(asked.length, before);
  stored["slider"] = model({ value: 9 });
  models.heard({ type: "widgets", number: 9, items: [] });
  t.mock.timers.tick(1000);
  await settled();
  assert.equal(asked.length, before + 1);
  const last = place.items.filter((item) => item.kind === "opened" && item.comm_id === "slider").at(-1);
  assert.equal(last?.kind === "opened" && last.model.state["value"], 9);
});

/** Models whose server answers when it is told to, with the rows that there are when it is asked. */
const slowModels = (): { models: WidgetModels; answers: (() => void)[]; places: Place } => {
  const answers: (() => void)[] = [];
  const models = new WidgetModels({
    mayUse: true,
    fetch: (_ids) => {
      const rows = { box: stored["box"]!, slider: stored["slider"]! };
      return new Promise((resolve) => answers.push(() => resolve(rows)));
    },
    send: async (message) => sent.push(message),
  });
  return { models, answers, places: new Place("box") };
};
/** What the frame shows of the slider, by all that it was told. */
const shownOf = (place: Place): unknown =>
  place.items
    .map((item) => {
      if (item.kind === "opened" && item.comm_id === "slider") return item.model.state["value"];
      return item.kind === "updated" && item.comm_id === "slider" ? item.state["value"] : undefined;
    })
    .findLast((value) => value !== undefined);

for (const isAnsweredAfter of ["the value was told", "the value was told and stored"]) {
  test(`rows that are older take nothing back, answered after ${isAnsweredAfter}`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { models, answers, places: place } = slowModels();
    models.attach(place, "cell");
    await settled();
    answers.shift()?.();
    await settled();
    // A lane begins anew: its numbers do, and the page asks for all. The rows are still those of before.
    models.heard({ type: "widgets", number: 50, items: [update("box", { x: 1 })] });
    t.mock.timers.tick(1000);
    await settled();
    assert.equal(answers.length, 1);
    models.heard({ type: "widgets", number: 51, items: [update("slider", { value: 2 })] });
    if (isAnsweredAfter.endsWith("stored")) models.heard({ type: "widgets", number: 51, items: [] });
    await settled();
    answers[0]?.();
    await settled();
    assert.equal(shownOf(place), 2);
  });
}

test("rows that are late for what was told before take nothing back", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { models, answers, places: place } = slowModels();
  models.attach(place, "cell");
  await settled();
  answers.shift()?.();
  await settled();
  models.heard({ type: "widgets", number: 50, items: [update("slider", { value: 2 })] });
  t.mock.timers.tick(1000);
  await settled();
  answers.shift()?.();
  await settled();
  assert.equal(shownOf(place), 2);
  // Once they are there, they are asked for again; what they say counts.
  stored["slider"] = model({ value: 3 });
  models.heard({ type: "widgets", number: 50, items: [] });
  await settled();
  answers.shift()?.();
  await settled();
  assert.equal(shownOf(place), 3);
});

test("a model that was closed meanwhile does not come back, nor does a kernel that is gone", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { models, answers, places: place } = slowModels();
  models.attach(place, "cell");
  await settled();
  answers.shift()?.();
  await settled();
  models.reconnected();
  t.mock.timers.tick(1000);
  await settled();
  models.heard({ type: "widgets", number: 5, items: [{ kind: "closed", comm_id: "slider" }] });
  models.heard({ type: "widgets", number: 0, items: [{ kind: "gone" }] });
  await settled();
  place.posted = [];
  answers.shift()?.();
  await settled();
  assert.deepEqual(
    place.items.map((item) => item.kind === "opened" && item.comm_id),
    ["box"],
  );
  assert.equal(place.mayUse, false);
});

test("what the page does not hear as handled is sent again until it does", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const again: boolean[] = [];
  const failures = [new ConnectionLost(), new CommandError({ code: "unavailable", message: "Not heard.", details: {} })];
  const models = new WidgetModels({
    mayUse: true,
    fetch: async () => ({ box: stored["box"]!, slider: stored["slider"]! }),
    send: async (_message, _cellId, isAgain) => {
      again.push(isAgain);
      const failure = failures.shift();
      if (failure) throw failure;
    },
  });
  const place = new Place("box");
  models.attach(place, "cell");
  await settled();
  place.used?.(use("slider"));
  await settled();
  assert.match(place.note, /tried again/);
  for (const [waitMs, count] of [[5_000, 2], [10_000, 3], [20_000, 4]] as const) {
    t.mock.timers.tick(waitMs);
    await settled();
    assert.equal(again.length, count);
  }
  assert.equal(place.note, "");
  assert.deepEqual(again, [false, true, true, true]);
  models.reconnected();
  await settled();
  assert.equal(again.length, 5);
  models.heard({ type: "widgets", number: 1, items: [{ kind: "handled", message_ids: ["m"] }] });
  t.mock.timers.tick(600_000);
  await settled();
  assert.equal(again.length, 5);
});

test("what is refused, or what nobody takes for a minute, is not sent for ever, and the frame goes on", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  let failure: Error = new CommandError({ code: "too_large", message: "Too large.", details: {} });
  let tries = 0;
  const models = new WidgetModels({
    mayUse: true,
    fetch: async () => ({ box: stored["box"]!, slider: stored["slider"]! }),
    send: async () => {
      tries++;
      throw failure;
    },
  });
  const place = new Place("box");
  models.attach(place, "cell");
  await settled();
  const handledCount = (): number => place.items.filter(({ kind }) => kind === "handled").length;
  place.used?.(use("slider"));
  await settled();
  assert.deepEqual([tries, place.note, handledCount()], [1, "Too large.", 1]);
  failure = new ConnectionLost();
  place.used?.(use("slider"));
  await settled();
  for (let seconds = 0; seconds < 120; seconds++) {
    t.mock.timers.tick(1000);
    await settled();
  }
  assert.equal(handledCount(), 2);
  assert.match(place.note, /no connection/);
  assert.ok(tries < 10);
});

test("a frame whose message is not for any model of its goes on too", async () => {
  const place = new Place("box");
  modelsFor().attach(place, "cell");
  await settled();
  place.used?.(use("nobody"));
  await settled();
  assert.deepEqual(place.items.at(-1), { kind: "handled", message_ids: ["m"] });
});

test("why a widget cannot be shown", async () => {
  assert.match(problemOf(undefined), /Run the cell again/);
  assert.match(problemOf(model({ _model_module: "https://evil.example/x.js" })), /cannot be shown/);
  assert.equal(problemOf(model({ _tandem_problem: "Too large." })), "Too large.");
  assert.equal(problemOf(model()), "");
  const place = new Place("nowhere");
  modelsFor().attach(place, "cell");
  await settled();
  assert.match(place.problem, /not known/);
});

test("states are merged field by field, buffers with them", () => {
  const before = { ...model({ a: 1, b: 2 }), buffers: [{ path: ["a", "x"], data: "AA==" }] };
  const after = withUpdate(before, { a: 3 }, [{ path: ["a"], data: "AQ==" }]);
  assert.deepEqual([after.state["a"], after.state["b"]], [3, 2]);
  assert.deepEqual(after.buffers, [{ path: ["a"], data: "AQ==" }]);
  const view = { outputs: [{ data: { "application/vnd.jupyter.widget-view+json": { model_id: "inner" } } }] };
  assert.deepEqual(referencesIn([view, "IPY_MODEL_child", "plain"]).sort(), ["child", "inner"]);
});

test("what is linked to something that a frame shows is told to it, with what it links", async () => {
  const models = modelsFor();
  const place = new Place("slider");
  stored = { box: model({ children: ["IPY_MODEL_slider"] }), slider: model({ value: 1 }) };
  models.heard({ type: "widgets", number: 1, items: [{ kind: "opened", comm_id: "slider", model: model({ value: 1 }) }] });
  models.heard({ type: "widgets", number: 2, items: [{ kind: "opened", comm_id: "far", model: model({ value: 5 }) }] });
  models.attach(place, "cell");
  await settled();
  const link = model({ _model_name: "LinkModel", source: ["IPY_MODEL_far", "value"], target: ["IPY_MODEL_slider", "value"] });
  models.heard({ type: "widgets", number: 3, items: [{ kind: "opened", comm_id: "link", model: link }] });
  await settled();
  const opened = (each: Place): string[] => each.items.flatMap((item) => (item.kind === "opened" ? [item.comm_id] : []));
  assert.deepEqual(opened(place), ["slider", "link", "far"]);
  const later = new Place("far");
  models.attach(later, "cell");
  await settled();
  assert.deepEqual(opened(later), ["far", "link", "slider"]);
});

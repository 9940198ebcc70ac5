import assert from "node:assert/strict";
import { test } from "node:test";
import { TABLE_QUESTION, type TableQuestion } from "../table/questions";
import { type Answered, type FrameQuestion, FrameQuestions } from "./frame_questions";
import type { OutputServices } from "./services";

const SERVICES = { renderMarkdown: async (source: string) => `<p>${source}</p>` } as OutputServices;

/** What the page answers a frame. */
function questions(services = SERVICES): { ask(question: unknown, id?: number): Promise<void>; answers: Answered[]; page: EventTarget } {
  const answers: Answered[] = [];
  const page = new EventTarget();
  const asked = new FrameQuestions(page as HTMLElement, services, (answer) => answers.push(answer));
  return { ask: (question, id = 1) => asked.asked({ type: "question", id, question: question as FrameQuestion }), answers, page };
}

test("Markdown is rendered by the server", async () => {
  const { ask, answers } = questions();
  await ask({ about: "markdown", source: "a" }, 7);
  assert.deepEqual(answers, [{ type: "answer", id: 7, value: "<p>a</p>" }]);
});

test("what a table wants to know is asked in its name", async () => {
  const { ask, answers, page } = questions();
  page.addEventListener(TABLE_QUESTION, (event) => {
    const { type, fields, answer } = (event as CustomEvent<TableQuestion>).detail;
    answer(Promise.resolve({ type, fields }) as never);
  });
  await ask({ about: "table", type: "table_cell", fields: { table_id: "t" } });
  assert.deepEqual(answers, [{ type: "answer", id: 1, value: { type: "table_cell", fields: { table_id: "t" } } }]);
});

test("nothing else is asked for it, whatever it says", async () => {
  const { ask, answers, page } = questions();
  page.addEventListener(TABLE_QUESTION, () => assert.fail("The page was asked."));
  for (const question of [null, {}, { about: "table", type: "table_file" }, { about: "table", type: "run" }, { about: "cell_delete" }]) {
    await ask(question);
  }
  assert.deepEqual([answers.length, answers.every((answer) => "error" in answer)], [5, true]);
});

test("it is answered so many at once, and then again", async () => {
  const open: (() => void)[] = [];
  const renderMarkdown = (): Promise<string> => new Promise((resolve) => open.push(() => resolve("")));
  const { ask, answers } = questions({ ...SERVICES, renderMarkdown });
  const asked = Array.from({ length: 25 }, (_, id) => ask({ about: "markdown", source: "a" }, id));
  await Promise.all(asked.slice(20));
  assert.deepEqual(answers.map(({ id }) => id), [20, 21, 22, 23, 24]);
  for (const answer of open) answer();
  await Promise.all(asked);
  const later = ask({ about: "markdown", source: "a" });
  open.at(-1)?.();
  await later;
  assert.equal(answers.filter((answer) => "value" in answer).length, 21);
});

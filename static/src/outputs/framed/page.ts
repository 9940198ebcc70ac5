// The page around the frame of a widget, which is asked for what the frame has no way to; see ../frame_questions.ts.

import type { Answered, Asked, FrameQuestion } from "../frame_questions";
import type { OutputServices } from "../services";
import { TABLE_QUESTION, type TableQuestion } from "../../table/questions";
import { drawnHere } from "./drawn_here";

const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
let last = 0;

/** Of outputs that widgets show. Cells and files are the page's: what a widget has captured is whole. */
export const SERVICES: OutputServices = {
  framed: drawnHere,
  renderMarkdown: async (source) => String(await ask({ about: "markdown", source })),
  cellOfRun: () => null,
  fileAddress: () => "",
};

/** To be called once. */
export function connectToPage(): void {
  window.addEventListener("message", ({ source, data }: MessageEvent<Answered | null>) => {
    if (source === parent && data?.type === "answer") answered(data);
  });
  document.addEventListener(TABLE_QUESTION, (event) => {
    const { type, fields, answer } = (event as CustomEvent<TableQuestion>).detail;
    answer(ask({ about: "table", type, fields }) as Parameters<typeof answer>[0]);
  });
}

function ask(question: FrameQuestion): Promise<unknown> {
  const asked: Asked = { type: "question", id: ++last, question };
  return new Promise((resolve, reject) => {
    waiting.set(asked.id, { resolve, reject });
    parent.postMessage(asked, "*");
  });
}

function answered(answer: Answered): void {
  const asked = waiting.get(answer.id);
  waiting.delete(answer.id);
  if ("error" in answer) asked?.reject(new Error(answer.error));
  else asked?.resolve(answer.value);
}

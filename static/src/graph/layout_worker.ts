// Runs beside the page: lays out one graph after the other, while people go on typing.

import { layOut, type Layout, type Question } from "./layout";

/** With the number of the question, so that an answer that comes too late is known as one. */
export interface Numbered<T> {
  readonly number: number;
  readonly content: T;
}

onmessage = ({ data }: MessageEvent<Numbered<Question>>): void => {
  const answer: Numbered<Layout> = { number: data.number, content: layOut(data.content) };
  postMessage(answer);
};

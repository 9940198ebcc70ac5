// Above the result of an SQL cell whose database was not asked again: when it gave this answer.

import { clockTime, exactTime } from "../history/times";
import type { DisplayOutput } from "../protocol/types";
import type { Renderer } from "./renderer";

export const AS_OF_TYPE = "application/vnd.tandem.as-of+json";

export class AsOfRenderer implements Renderer {
  readonly element = document.createElement("div");

  constructor({ data }: DisplayOutput, type: string) {
    const asOf = (data[type] as { as_of?: unknown } | null)?.as_of;
    const then = new Date(String(asOf));
    const time = document.createElement("time");
    // It throws if that is no time: the text beside it is shown then.
    time.dateTime = then.toISOString();
    time.title = exactTime(then);
    time.textContent = clockTime(then, new Date());
    this.element.className = "output-text output-note";
    this.element.append("As of ", time, ", a kept answer");
  }

  update(): boolean {
    return false;
  }
}

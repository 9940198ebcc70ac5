// What a cell raised: the kernel's coloured traceback, whose lines lead to those of the cells, or the name and the
// message if it gave none.

import { fromTemplate } from "../dom";
import type { ErrorOutput } from "../protocol/types";
import type { Renderer } from "./renderer";
import type { CellPlace, OutputServices } from "./services";
import { textElement } from "./text_view";
import { headWith, partsOf, type TracebackPart } from "./traceback";

export class ErrorRenderer implements Renderer {
  readonly element = document.createElement("div");
  #services: OutputServices;
  #parts: readonly TracebackPart[];
  #places: readonly (CellPlace | null)[] = [];

  constructor({ traceback, ename, evalue }: ErrorOutput, services: OutputServices) {
    this.#services = services;
    this.#parts = partsOf(traceback.length > 0 ? traceback.join("\n") : `${ename}: ${evalue}`);
    this.element.className = "output-error";
    this.#show(this.#findPlaces());
  }

  update(): boolean {
    return false;
  }

  /** The execution count by which a cell is known may come after its error. */
  refresh(): void {
    const places = this.#findPlaces();
    if (JSON.stringify(places) !== JSON.stringify(this.#places)) this.#show(places);
  }

  // Private

  #findPlaces(): (CellPlace | null)[] {
    return this.#parts.map(({ target }) => target && this.#services.cellOfRun(target.executionCount));
  }

  #show(places: readonly (CellPlace | null)[]): void {
    this.#places = places;
    const lines = this.#parts.map((part, index) => {
      const place = places[index];
      return place ? linked(part, place) : textElement(part.text);
    });
    this.element.replaceChildren(...lines);
  }
}

/** The page listens for clicks on `[data-go-to]`. */
function linked(part: TracebackPart, { cellId, name }: CellPlace): HTMLElement {
  const link = fromTemplate("template-cell-link") as HTMLAnchorElement;
  link.href = `#cell-${cellId}`;
  link.dataset["goTo"] = cellId;
  link.dataset["line"] = String(part.target?.line);
  link.title = "Go to this line";
  link.classList.add(part.isHead ? "traceback-head" : "traceback-line");
  link.replaceChildren(...textElement(part.isHead ? headWith(name, part) : part.text).childNodes);
  const line = document.createElement("div");
  line.className = "text-view";
  line.append(link);
  return line;
}

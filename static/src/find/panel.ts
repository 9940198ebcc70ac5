// <tandem-find>: find and replace in all cells. What is found is marked in the cells; replacing is an edit like others,
// so people see it live and can undo it. Its markup is templates/notebook/_find.html.

import type { CellElement } from "../cells/cell";
import { find } from "../dom";
import type { Range } from "../editor/marks";
import { messageOf } from "../message_of";
import { findInAll, MOST_FOUND, patternOf, type Query, replacementOf } from "./matches";
import { PatternSearch, TooSlow } from "./pattern_search";

interface Hit extends Range {
  readonly element: CellElement;
}

/** What was looked for last, and in what. */
interface Searched {
  readonly query: Query;
  readonly elements: readonly CellElement[];
  readonly texts: readonly string[];
}

const TOO_SLOW = "This expression takes too long. Make it simpler.";

export class FindPanel extends HTMLElement {
  #elements: () => readonly CellElement[] = () => [];
  #reveal: (element: CellElement) => void = () => {};
  #expressions: PatternSearch | null = null;
  #searched: Searched | null = null;
  /** Why nothing could be found, if the search itself failed. */
  #problem = "";
  #hits: readonly Hit[] = [];
  #index = -1;
  #marked = new Set<CellElement>();
  #frame = 0;
  /** How many were replaced at once; 0 as soon as somebody looks for something again. */
  #replaced = 0;
  #opener: Element | null = null;

  // Lifecycle

  /** `elements`: all of the notebook; `reveal` scrolls to one. */
  start(elements: () => readonly CellElement[], reveal: (element: CellElement) => void): void {
    this.#elements = elements;
    this.#reveal = reveal;
    this.#expressions = new PatternSearch(this.dataset["worker"] ?? "");
    this.addEventListener("input", () => this.#search(true));
    this.addEventListener("keydown", (event) => this.#keyPressed(event));
    this.addEventListener("click", ({ target }) => this.#clicked((target as Element).closest<HTMLElement>("[data-find]")));
  }

  // Actions

  /** With what is selected, if it is part of a line. */
  open(selected: string, toReplace: boolean): void {
    if (this.hidden) this.#opener = document.activeElement;
    this.hidden = false;
    const field = this.#field("text");
    if (selected && !selected.includes("\n")) field.value = selected;
    const by = this.querySelector<HTMLElement>("[data-part=replace-row]");
    if (by && toReplace) by.hidden = false;
    this.#search(true);
    const target = toReplace && field.value && by ? this.#field("by") : field;
    target.focus();
    target.select();
  }

  close(): void {
    if (this.hidden) return;
    this.hidden = true;
    this.#expressions?.stop();
    this.#searched = null;
    const at = this.#hits[this.#index];
    this.#hits = [];
    this.#mark();
    if (at?.element.isConnected) at.element.editAt(at.from, at.to);
    else if (this.#opener instanceof HTMLElement) this.#opener.focus({ preventScroll: true });
  }

  next(step: 1 | -1): void {
    if (this.#hits.length === 0) return;
    this.#index = (this.#index + step + this.#hits.length) % this.#hits.length;
    this.#show(true);
  }

  /** The texts may be others. */
  follow(): void {
    if (this.hidden) return;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#isOutdated) this.#search(false);
    });
  }

  // Private

  #field(name: "text" | "by"): HTMLInputElement {
    return find<HTMLInputElement>(this, `input[name=${name}]`);
  }

  get #query(): Query {
    const isOn = (name: string): boolean => find<HTMLInputElement>(this, `input[name=${name}]`).checked;
    const [isCaseSensitive, isWholeWord, isRegex] = [isOn("case"), isOn("word"), isOn("regex")];
    return { text: this.#field("text").value, isCaseSensitive, isWholeWord, isRegex };
  }

  /** Null, and the note says why, if it is no expression. */
  #pattern(): RegExp | null {
    try {
      return patternOf(this.#query);
    } catch {
      this.#problem = "This is no regular expression.";
      return null;
    }
  }

  get #isOutdated(): boolean {
    const [before, elements] = [this.#searched, this.#elements()];
    if (!before || before.elements.length !== elements.length) return true;
    return elements.some((element, index) => element !== before.elements[index] || element.text !== before.texts[index]);
  }

  /** A plain text is found at once; an expression when the worker has it, and until then there is nothing to go to. */
  #search(goes: boolean, at = this.#hits[this.#index]): void {
    const elements = this.#elements();
    const searched = (this.#searched = { query: this.#query, elements, texts: elements.map(({ text }) => text) });
    this.#problem = "";
    this.#expressions?.stop();
    if (!this.#pattern()) return this.#found(searched, [], goes, at);
    if (!searched.query.isRegex) return this.#found(searched, findInAll(searched), goes, at);
    this.#hits = [];
    this.#index = -1;
    const { query, texts } = searched;
    void this.#expressions?.find({ query, texts }).then(
      (ranges) => this.#found(searched, ranges, goes, at),
      (error: unknown) => {
        this.#problem = error instanceof TooSlow ? TOO_SLOW : messageOf(error);
        this.#found(searched, [], goes, at);
      },
    );
  }

  #found(searched: Searched, ranges: readonly (readonly Range[])[], goes: boolean, at: Hit | undefined): void {
    if (searched !== this.#searched) return;
    this.#field("text").setCustomValidity(this.#problem);
    this.#hits = searched.elements.flatMap((element, index) => (ranges[index] ?? []).map((range) => ({ ...range, element })));
    this.#index = this.#nearest(at);
    this.#show(goes);
  }

  /** The same as before, or the first after it, or the first from the cell that is worked on. */
  #nearest(at: Hit | undefined): number {
    if (this.#hits.length === 0) return -1;
    const elements = this.#elements();
    const worked = document.querySelector<CellElement>("tandem-cell:focus-within");
    const start = at?.element ?? worked ?? elements[0];
    const place = start ? elements.indexOf(start) : 0;
    const index = this.#hits.findIndex(({ element, from }) => {
      const each = elements.indexOf(element);
      return each > place || (each === place && from >= (at?.from ?? 0));
    });
    return Math.max(index, 0);
  }

  #show(goes: boolean): void {
    if (goes) this.#replaced = 0;
    find(this, "[data-part=count]").textContent = this.#note;
    const hit = this.#hits[this.#index];
    this.#mark();
    if (!goes || !hit) return;
    this.#reveal(hit.element);
    hit.element.querySelector(".cm-found-current")?.scrollIntoView({ block: "center" });
  }

  get #note(): string {
    const count = this.#hits.length;
    if (this.#replaced > 0) return `${this.#replaced.toLocaleString("en")} replaced`;
    if (count >= MOST_FOUND) return `${this.#index + 1} of ${MOST_FOUND.toLocaleString("en")} or more`;
    if (count > 0) return `${this.#index + 1} of ${count.toLocaleString("en")}`;
    const field = this.#field("text");
    return field.value ? this.#problem || "Nothing found" : "";
  }

  #mark(): void {
    const current = this.#hits[this.#index];
    const found = Map.groupBy(this.#hits, ({ element }) => element);
    for (const element of new Set([...this.#marked, ...found.keys()])) {
      element.toggleAttribute("data-found", found.has(element));
      element.showFound(found.get(element) ?? [], current?.element === element ? current : null);
    }
    this.#marked = new Set(found.keys());
  }

  #clicked(button: HTMLElement | null): void {
    switch (button?.dataset["find"]) {
      case "next":
        return this.next(1);
      case "previous":
        return this.next(-1);
      case "replace":
        return this.#replaceOne();
      case "replace-all":
        return this.#replaceAll();
      case "close":
        return this.close();
    }
  }

  #keyPressed(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || event.isComposing) return;
    event.preventDefault();
    if (event.target.name === "text") this.next(event.shiftKey ? -1 : 1);
    else if (event.target.name === "by") this.#replaceOne();
  }

  #replaceOne(): void {
    const hit = this.#hits[this.#index];
    if (!hit) return;
    if (this.#isOutdated) return this.#search(false);
    const length = hit.element.text.length;
    this.#replace(hit.element, [hit]);
    // On from behind what came in: it may have in it what is looked for.
    const to = hit.to + hit.element.text.length - length;
    this.#search(true, { ...hit, from: to, to });
  }

  #replaceAll(): void {
    if (this.#isOutdated) return this.#search(false);
    for (const [element, hits] of Map.groupBy(this.#hits, ({ element }) => element)) this.#replace(element, hits);
    this.#replaced = this.#hits.length;
    this.#search(false);
  }

  #replace(element: CellElement, hits: readonly Range[]): void {
    const pattern = this.#pattern();
    if (!pattern) return;
    const [by, text, { isRegex }] = [this.#field("by").value, element.text, this.#query];
    element.replace(
      hits.map(({ from, to }) => ({ from, to, insert: replacementOf(pattern, text, { from, to }, by, isRegex) })),
    );
  }
}

customElements.define("tandem-find", FindPanel);

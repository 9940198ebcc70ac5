// A MIME bundle on the page, by the richest of its types that can be shown. A renderer that throws, fails or cannot be
// loaded makes way for the next. What is shown stays until what replaces it is there, so that redraws do not flicker.

import type { DisplayOutput, MimeBundle, Output } from "../protocol/types";
import type { Candidate } from "./choose";
import { NoteRenderer } from "./note";
import { isDisplay, type MakeRenderer, type Renderer } from "./renderer";
import type { OutputServices } from "./services";

export class Display implements Renderer {
  readonly element = document.createElement("div");
  #candidatesFor: (data: MimeBundle) => Candidate[];
  #services: OutputServices;
  #output: DisplayOutput;
  #renderer: Renderer | null = null;
  #shown: Candidate | null = null;
  /** Counts what was begun to be shown; what comes late for an earlier one is dropped. */
  #turn = 0;

  constructor(output: DisplayOutput, services: OutputServices, candidates: (data: MimeBundle) => Candidate[]) {
    this.element.className = "output-display";
    this.#candidatesFor = candidates;
    this.#services = services;
    this.#output = output;
    this.#show(candidates(output.data));
  }

  update(output: Output): boolean {
    if (!isDisplay(output)) return false;
    this.#output = output;
    const candidates = this.#candidatesFor(output.data);
    const isSame = candidates[0]?.kind === this.#shown?.kind && candidates[0]?.type === this.#shown?.type;
    if (!isSame || !this.#isUpdated(output)) this.#show(candidates);
    return true;
  }

  dispose(): void {
    this.#turn++;
    this.#renderer?.dispose?.();
  }

  // Private

  #isUpdated(output: DisplayOutput): boolean {
    try {
      return this.#renderer?.update(output) ?? false;
    } catch {
      // What cannot be shown in the same element is not shown in a new one either: the next type's turn.
      return false;
    }
  }

  #show(candidates: readonly Candidate[]): void {
    const turn = ++this.#turn;
    const [best, ...rest] = candidates;
    if (!best) return this.#showNone();
    if ("make" in best.kind) return this.#make(best.kind.make, best, rest);
    best.kind.load().then(
      (make) => turn === this.#turn && this.#make(make, best, rest),
      (error: unknown) => turn === this.#turn && this.#fallBack(error, best, rest),
    );
  }

  #showNone(): void {
    const types = Object.keys(this.#output.data);
    this.#put(types.length > 0 ? new NoteRenderer(types.join(", ")) : null, null);
  }

  #make(make: MakeRenderer, candidate: Candidate, rest: readonly Candidate[]): void {
    const turn = this.#turn;
    try {
      const fail = (error: unknown): void => {
        if (turn === this.#turn) this.#fallBack(error, candidate, rest);
      };
      this.#put(make(this.#output, candidate.type, fail, this.#services), candidate);
    } catch (error) {
      this.#fallBack(error, candidate, rest);
    }
  }

  #fallBack(error: unknown, { type }: Candidate, rest: readonly Candidate[]): void {
    console.warn(`An output's ${type} could not be shown:`, error);
    this.#show(rest);
  }

  #put(renderer: Renderer | null, candidate: Candidate | null): void {
    const old = this.#renderer;
    this.#renderer = renderer;
    this.#shown = candidate;
    this.element.replaceChildren(...(renderer ? [renderer.element] : []));
    old?.dispose?.();
  }
}

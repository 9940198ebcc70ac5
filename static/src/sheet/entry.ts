// The field over a place of a sheet in which its value is typed.

import type { Place } from "../table/selection";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export class Entry {
  readonly field: HTMLTextAreaElement;
  /** Where it is open. It moves when others insert rows above. */
  place: Place | null = null;

  constructor(field: HTMLTextAreaElement) {
    this.field = field;
  }

  open(place: Place, text: string, label: string): void {
    this.place = place;
    this.field.hidden = false;
    this.field.value = text;
    this.field.setAttribute("aria-label", label);
    this.field.focus({ preventScroll: true });
    this.field.setSelectionRange(text.length, text.length);
  }

  /** `over` is what scrolls below it. */
  moveTo({ left, top, width, height }: Box, { scrollLeft, scrollTop }: HTMLElement): void {
    const place = { left: left - scrollLeft, top: top - scrollTop, minWidth: width, minHeight: height };
    for (const [name, pixels] of Object.entries(place)) Object.assign(this.field.style, { [name]: `${pixels}px` });
  }

  /** What was typed; it is closed then. */
  take(): string {
    this.place = null;
    this.field.hidden = true;
    return this.field.value;
  }
}

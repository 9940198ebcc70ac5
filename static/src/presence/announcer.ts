// Tells the others where we are: soon after we move, once in a while when others edit around us, never twice the same.

import { Alarm } from "../alarm";
import type { Whereabouts } from "../protocol/types";

// Ten times a second looks live.
const MOVED_MS = 100;
// The position we told of is found again through the edits since; after very many it is not.
const DRIFTED_MS = 2000;

/** Where we are. While the cell has text that the server does not, there is no selection to tell of. */
export interface Surroundings extends Whereabouts {
  readonly isTyping: boolean;
}

export interface Surveyor {
  look(): Surroundings;
  tell(whereabouts: Whereabouts): void;
}

export class Announcer {
  #surveyor: Surveyor;
  #alarm = new Alarm(() => this.#announce());
  #told: Whereabouts | null = null;

  constructor(surveyor: Surveyor) {
    this.#surveyor = surveyor;
  }

  /** We went somewhere, or what we typed is with the server now. */
  moved(): void {
    this.#alarm.within(MOVED_MS);
  }

  /** Others edited the text we are in. */
  drifted(): void {
    this.#alarm.within(DRIFTED_MS);
  }

  /** A new connection: the server knows nothing of us. */
  reconnected(): void {
    this.#told = null;
    this.#alarm.within(0);
  }

  // Private

  #announce(): void {
    const { cell_id, selection, isTyping } = this.#surveyor.look();
    // Once the server has what is typed we are asked again; until then the others see the caret go with the text.
    if (isTyping && this.#told?.cell_id === cell_id) return;
    if (this.#told && isSame(this.#told, { cell_id, selection })) return;
    this.#told = { cell_id, selection };
    this.#surveyor.tell(this.#told);
  }
}

function isSame(a: Whereabouts, b: Whereabouts): boolean {
  const fields = ["version", "anchor", "head"] as const;
  return a.cell_id === b.cell_id && fields.every((field) => a.selection?.[field] === b.selection?.[field]);
}

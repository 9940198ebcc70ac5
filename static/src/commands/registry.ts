// Everything that can be done on the page by name: one list, which keys, the palette and the card of keys read.

import { isChord } from "./strokes";

/** Where the focus is: on a cell, in the text of one, in a field, in a dialog or menu, or somewhere else on the page. */
export type Place = "cell" | "text" | "field" | "dialog" | "page";

export const SECTIONS = ["Cell", "Select", "Insert", "Run", "Find", "View", "Notebook", "Kernel", "Settings", "Account", "Help"] as const;

export interface Command {
  readonly id: string;
  /** What it does, as an order: "Delete the cells". */
  readonly title: string;
  readonly section: (typeof SECTIONS)[number];
  /** Its keys while a cell is selected, the first is the one that people are told. Strokes as in strokes.ts. */
  readonly keys?: readonly string[];
  /** ... while the text of a cell is edited. */
  readonly textKeys?: readonly string[];
  /** ... wherever the focus is, but for a dialog. Without Ctrl or Alt, not in what can be typed in. */
  readonly pageKeys?: readonly string[];
  /** Only for those who may edit. */
  readonly edits?: boolean;
  /** Not in the palette: it makes sense as a key or a button alone. */
  readonly isUnlisted?: boolean;
  isEnabled?(): boolean;
  run(): void;
}

export class Registry {
  #commands: readonly Command[];

  constructor(commands: readonly Command[], mayEdit: boolean) {
    this.#commands = commands.filter(({ edits }) => mayEdit || !edits);
  }

  /** What this person may do, in order. */
  get commands(): readonly Command[] {
    return this.#commands;
  }

  /** Do it, if it can be done now. */
  run(id: string): void {
    const command = this.#commands.find((each) => each.id === id);
    if (command && isEnabled(command)) command.run();
  }

  /** What the strokes, each a name of what was pressed, mean in this place. */
  find(strokes: readonly string[], place: Place): Command | undefined {
    return this.#commands.find((command) => strokes.some((stroke) => keysIn(command, place).includes(stroke)));
  }

  /** Whether a command has keys there that begin with this stroke. */
  begins(stroke: string, place: Place): boolean {
    return this.#commands.some((command) => keysIn(command, place).some((keys) => keys.startsWith(`${stroke} `)));
  }
}

export function isEnabled(command: Command): boolean {
  return command.isEnabled?.() ?? true;
}

/** Every key of the command, for those who look it up. */
export function allKeys({ keys = [], textKeys = [], pageKeys = [] }: Command): string[] {
  return [...new Set([...keys, ...pageKeys, ...textKeys])];
}

function keysIn({ keys = [], textKeys = [], pageKeys = [] }: Command, place: Place): readonly string[] {
  switch (place) {
    case "cell":
      return [...keys, ...pageKeys];
    case "text":
      return [...textKeys, ...pageKeys.filter(isChord)];
    case "field":
      return pageKeys.filter(isChord);
    case "page":
      return pageKeys;
    case "dialog":
      return [];
  }
}

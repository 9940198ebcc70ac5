// "Select graphic rendition": the colours and styles of terminal text (ECMA-48; xterm's 256-colour table). Pure.

/** How a segment looks; null is plain. Colours are 0-15 (the theme's palette) or `#rrggbb`. */
export interface Style {
  readonly foreground?: number | string;
  readonly background?: number | string;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly strike?: true;
  readonly inverse?: true;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The style after `CSI parameters m`. */
export function applySgr(before: Style | null, parameters: string): Style | null {
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  const style: Mutable<Style> = { ...before };
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) index = extendedColour(style, codes, index);
    else applyCode(style, code);
  }
  return Object.keys(style).length > 0 ? style : null;
}

function applyCode(style: Mutable<Style>, code: number): void {
  if (code >= 30 && code <= 37) style.foreground = code - 30;
  else if (code >= 90 && code <= 97) style.foreground = code - 90 + 8;
  else if (code >= 40 && code <= 47) style.background = code - 40;
  else if (code >= 100 && code <= 107) style.background = code - 100 + 8;
  else applyAttribute(style, code);
}

const SET: Readonly<Record<number, keyof Style>> = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
};
const UNSET: Readonly<Record<number, readonly (keyof Style)[]>> = {
  0: ["foreground", "background", "bold", "dim", "italic", "underline", "strike", "inverse"],
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
  39: ["foreground"],
  49: ["background"],
};

function applyAttribute(style: Mutable<Style>, code: number): void {
  const set = SET[code];
  if (set) Object.assign(style, { [set]: true });
  for (const key of UNSET[code] ?? []) delete style[key];
}

/** `38;5;n` and `38;2;r;g;b` (48 for the background); the index of the last code used. */
function extendedColour(style: Mutable<Style>, codes: readonly number[], index: number): number {
  const key = codes[index] === 38 ? "foreground" : "background";
  const [first = 0, second = 0, third = 0] = codes.slice(index + 2);
  if (codes[index + 1] === 5) {
    style[key] = colour256(first);
    return index + 2;
  }
  if (codes[index + 1] === 2) {
    style[key] = hex(first, second, third);
    return index + 4;
  }
  return index + 1;
}

function colour256(code: number): number | string {
  if (code < 16) return code;
  if (code >= 232) return hex(8 + (code - 232) * 10, 8 + (code - 232) * 10, 8 + (code - 232) * 10);
  const level = (value: number): number => (value === 0 ? 0 : 55 + value * 40);
  const cube = code - 16;
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function hex(...channels: number[]): string {
  return `#${channels.map((channel) => Math.min(255, channel).toString(16).padStart(2, "0")).join("")}`;
}

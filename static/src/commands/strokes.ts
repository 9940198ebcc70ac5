// Keys by name: what was pressed, as the bindings of commands spell it (`Mod+Shift+P`, `d d`, `?`), and how people
// read it. `Mod` is Ctrl, or Cmd where keyboards have one. Pure.

export type Pressed = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

// What a key says without Shift, where a binding names it with Shift: that differs between layouts.
const PLAIN: Readonly<Record<string, string>> = { Minus: "-", Equal: "=", Comma: ",", Period: ".", Slash: "/", BracketLeft: "[", BracketRight: "]" };

/** The names that a binding may have for what was pressed; none for a modifier alone. */
export function strokesOf(pressed: Pressed, isMac: boolean): string[] {
  const modifiers = modifiersOf(pressed, isMac);
  if (modifiers === null) return [];
  const named = (key: string, shift: boolean): string => [...modifiers, ...(shift ? ["Shift"] : []), key].join("+");
  const { key, code, shiftKey } = pressed;
  const letter = letterOf(pressed);
  if (letter) return [named(letter, shiftKey)];
  if (["Shift", "Control", "Alt", "Meta", "Dead", "Process", "Unidentified"].includes(key)) return [];
  if (key.length > 1) return [named(key, shiftKey)];
  const plain = PLAIN[code];
  return [named(key, false), ...(plain && shiftKey ? [named(plain, true)] : [])];
}

/** How people read the keys of a binding: each stroke as its keys. */
export function labelsOf(keys: string, isMac: boolean): string[][] {
  return keys.split(" ").map((stroke) => keysOf(stroke).map((key) => labelOf(key, isMac)));
}

/** The same as one text, for titles and menus. */
export function labelText(keys: string, isMac: boolean): string {
  return labelsOf(keys, isMac)
    .map((stroke) => stroke.join(isMac ? " " : "+"))
    .join(" ");
}

/** A stroke that types nothing: it means its command wherever the focus is. */
export function isChord(stroke: string): boolean {
  return /^(Mod|Ctrl|Alt)\+|^(Shift\+)?F\d+$/.test(stroke);
}

/** Null: modifiers that no binding has. */
function modifiersOf({ ctrlKey, metaKey, altKey }: Pressed, isMac: boolean): string[] | null {
  if (metaKey && (!isMac || ctrlKey)) return null;
  const control = isMac ? (metaKey ? ["Mod"] : ctrlKey ? ["Ctrl"] : []) : ctrlKey ? ["Mod"] : [];
  return [...control, ...(altKey ? ["Alt"] : [])];
}

/** On keyboards of other scripts, and with Alt, which types signs on a Mac, a letter is the one that is at its place. */
function letterOf({ key, code, altKey }: Pressed): string | null {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  if (altKey && code.startsWith("Key")) return code.slice(3).toLowerCase();
  const isLatin = key.length === 1 && key < "\u0080";
  return !isLatin && key.length === 1 && code.startsWith("Key") ? code.slice(3).toLowerCase() : null;
}

/** `Mod++` is Mod and the plus. */
function keysOf(stroke: string): string[] {
  return stroke.split(/\+(?=.)/);
}

const LABELS: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
  "-": "−",
};
const MAC_LABELS: Readonly<Record<string, string>> = { Mod: "⌘", Ctrl: "⌃", Alt: "⌥", Shift: "⇧" };

function labelOf(key: string, isMac: boolean): string {
  if (isMac && MAC_LABELS[key]) return MAC_LABELS[key];
  if (key === "Mod") return "Ctrl";
  return LABELS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
